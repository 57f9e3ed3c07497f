//! Rust messages and a tonic client for the `.proto` file, made without protoc: protox compiles the text in memory,
//! prost-build and tonic's generator write the code.
//!
//! Knows nothing about the model.

use prost::Message as _;
use prost_build::Module;
use prost_types::{FileDescriptorProto, FileDescriptorSet};
use protox::{
    Compiler,
    file::{ChainFileResolver, DescriptorSetFileResolver, File, GoogleFileResolver},
};

/// What follows from one `.proto` file.
#[derive(Debug, Clone, PartialEq)]
pub struct Generated {
    /// Messages, enums and one client module per service.
    pub client_rs: String,
    /// A `FileDescriptorSet` with all imports, without comments: for server reflection.
    pub descriptor_set: Vec<u8>,
}

/// `file_name` as other `.proto` files would import it: `shop/v1/shop.proto`. `proto_text` is what [`super::proto`] wrote.
pub fn emit(file_name: &str, proto_text: &str) -> Generated {
    let described = compile(file_name, proto_text);
    Generated {
        client_rs: client(file_name, &described),
        descriptor_set: without_source_info(described).encode_to_vec(),
    }
}

fn compile(file_name: &str, proto_text: &str) -> FileDescriptorSet {
    let file = File::from_source(file_name, proto_text)
        .unwrap_or_else(|error| unreachable!("the emitted {file_name} can't be parsed: {error}"));
    let own = DescriptorSetFileResolver::new(FileDescriptorSet { file: vec![file.into()] });
    let mut resolver = ChainFileResolver::new();
    resolver.add(own);
    resolver.add(GoogleFileResolver::new());
    let mut compiler = Compiler::with_file_resolver(resolver);
    compiler
        .include_source_info(true)
        .include_imports(true)
        .open_file(file_name)
        .unwrap_or_else(|error| unreachable!("the emitted {file_name} doesn't compile: {error}"));
    compiler.file_descriptor_set()
}

fn client(file_name: &str, set: &FileDescriptorSet) -> String {
    let module = |file: &FileDescriptorProto| Module::from_protobuf_package_name(file.package());
    let own = set.file.iter().find(|file| file.name() == file_name).map(module);
    let own = own.unwrap_or_else(|| unreachable!("{file_name} is in its own descriptor set"));
    // prost-build panics on a type whose file it doesn't get, well-known ones included.
    let requests = set.file.iter().cloned().map(|file| (module(&file), tamed(file))).collect();
    let service_generator = tonic_prost_build::configure().build_server(false).build_transport(false);
    let mut modules = prost_build::Config::new()
        .service_generator(service_generator.service_generator())
        .generate(requests)
        .unwrap_or_else(|error| unreachable!("no Rust code for {file_name}: {error}"));
    // Without any message there is nothing to write.
    modules.remove(&own).unwrap_or_default()
}

/// rustdoc takes fenced and indented code for doctests, and an author's example isn't Rust.
fn tamed(mut file: FileDescriptorProto) -> FileDescriptorProto {
    for location in file.source_code_info.iter_mut().flat_map(|info| &mut info.location) {
        for comment in [&mut location.leading_comments, &mut location.trailing_comments].into_iter().flatten() {
            *comment = without_doctests(comment);
        }
    }
    file
}

fn without_doctests(comment: &str) -> String {
    let mut fenced = false;
    let mut tamed = String::with_capacity(comment.len());
    for line in comment.lines() {
        let text = line.trim_start();
        let fence = text.starts_with("```") || text.starts_with("~~~");
        if fence && !fenced && text.trim_end().len() == 3 {
            tamed.extend([" ", text.trim_end(), "text"]);
        } else if fenced || line.len() - text.len() < 4 {
            tamed.push_str(line);
        } else {
            tamed.extend([" ", text]);
        }
        fenced ^= fence;
        tamed.push('\n');
    }
    tamed
}

fn without_source_info(mut set: FileDescriptorSet) -> FileDescriptorSet {
    for file in &mut set.file {
        file.source_code_info = None;
    }
    set
}
