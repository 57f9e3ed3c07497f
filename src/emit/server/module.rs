//! A module of the emitted server with the modules inside it, as a value that becomes text in one of two ways: a file each,
//! for a crate, or one file with all of them nested, for `include!`. Knows nothing about what they say.

/// Paths inside it (`super::enums::ROLE`) are relative, so that they lead to the same place in both forms.
#[derive(Debug)]
pub struct Module {
    /// Empty for the root, which whoever includes it names.
    pub name: String,
    /// What stands before `mod`: attributes, each with its line break, then the visibility.
    pub prefix: &'static str,
    /// Lines of its own documentation, may be empty.
    pub docs: Vec<String>,
    pub inner: Vec<Module>,
    /// `use` lines and items.
    pub body: String,
}

impl Module {
    /// One file per module, by its path in the folder of the root's file.
    pub fn files(self, header: &str) -> Vec<(String, String)> {
        let head = self.head(header, "#[rustfmt::skip]\n");
        let mut files = vec![("lib.rs".to_owned(), behind(&head, self.body))];
        self.inner.into_iter().for_each(|inner| inner.collect("", header, &mut files));
        files
    }

    fn collect(self, folder: &str, header: &str, files: &mut Vec<(String, String)>) {
        let path = format!("{folder}{}", self.name);
        let head = self.head(header, "");
        files.push((format!("{path}.rs"), behind(&head, self.body)));
        self.inner.into_iter().for_each(|inner| inner.collect(&format!("{path}/"), header, files));
    }

    /// All of its file but the body. `declared`: an attribute of each module inside, which those inside it inherit.
    fn head(&self, header: &str, declared: &str) -> String {
        let declarations =
            self.inner.iter().map(|inner| format!("{declared}{}mod {};", inner.prefix, inner.name)).collect::<Vec<_>>();
        paragraphs(&[&format!("// {header}"), &comment("//!", &self.docs), &declarations.join("\n")])
    }

    /// Everything in one file. Where it is included, a file can't begin with `//!`.
    pub fn nested(&self, header: &str) -> String {
        let header = format!("// {header}");
        let docs = comment("//", &self.docs);
        paragraphs(&[&header, &docs, &self.nested_modules(), &self.body])
    }

    fn nested_modules(&self) -> String {
        let text = |module: &Module| {
            let content = paragraphs(&[&comment("//!", &module.docs), &module.nested_modules(), &module.body]);
            format!("{}mod {} {{\n{}}}", module.prefix, module.name, indented(&content))
        };
        self.inner.iter().map(text).collect::<Vec<_>>().join("\n\n")
    }
}

/// A long body isn't copied.
fn behind(head: &str, mut body: String) -> String {
    body.truncate(body.trim_end().len());
    if body.is_empty() {
        return head.to_owned();
    }
    body.push('\n');
    body.insert_str(0, &format!("{head}\n"));
    body
}

/// The parts that aren't empty, with blank lines between them.
fn paragraphs(parts: &[&str]) -> String {
    let parts: Vec<_> = parts.iter().map(|part| part.trim_end()).filter(|part| !part.is_empty()).collect();
    parts.join("\n\n") + "\n"
}

fn comment(mark: &str, lines: &[String]) -> String {
    lines.iter().map(|line| format!("{mark} {line}").trim_end().to_owned() + "\n").collect()
}

/// No literal of the emitted code spans lines, so none changes.
fn indented(text: &str) -> String {
    text.lines().map(|line| if line.is_empty() { "\n".to_owned() } else { format!("    {line}\n") }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn module(name: &str, prefix: &'static str, inner: Vec<Module>) -> Module {
        let docs = vec![format!("About {name}."), String::new(), "More.".to_owned()];
        Module { name: name.to_owned(), prefix, docs, inner, body: format!("use {name};\n\nitem!();\n") }
    }

    fn tree() -> Module {
        let user = module("user", "pub ", Vec::new());
        module("shop", "", vec![module("resources", "", vec![user])])
    }

    #[test]
    fn a_file_each() {
        let files: String = tree().files("made").iter().map(|(path, text)| format!("== {path}\n{text}")).collect();
        insta::assert_snapshot!(files, @r"
        == lib.rs
        // made

        //! About shop.
        //!
        //! More.

        #[rustfmt::skip]
        mod resources;

        use shop;

        item!();
        == resources.rs
        // made

        //! About resources.
        //!
        //! More.

        pub mod user;

        use resources;

        item!();
        == resources/user.rs
        // made

        //! About user.
        //!
        //! More.

        use user;

        item!();
        ");
    }

    #[test]
    fn one_file() {
        insta::assert_snapshot!(tree().nested("made"), @r"
        // made

        // About shop.
        //
        // More.

        mod resources {
            //! About resources.
            //!
            //! More.

            pub mod user {
                //! About user.
                //!
                //! More.

                use user;

                item!();
            }

            use resources;

            item!();
        }

        use shop;

        item!();
        ");
    }
}
