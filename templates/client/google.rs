/// Operations, and what they consist of.
pub mod google {
    pub mod longrunning {
        /// Something that takes its time.
        #[derive(Clone, PartialEq, ::prost::Message)]
        pub struct Operation {
            /// Identifies the operation: `operations/{id}`.
            #[prost(string, tag = "1")]
            pub name: ::prost::alloc::string::String,
            /// What is to be known of it, done or not.
            #[prost(message, optional, tag = "2")]
            pub metadata: ::core::option::Option<::prost_types::Any>,
            /// Whether it has ended.
            #[prost(bool, tag = "3")]
            pub done: bool,
            /// What came of it, once it has ended.
            #[prost(oneof = "operation::Result", tags = "4, 5")]
            pub result: ::core::option::Option<operation::Result>,
        }
        /// Nested message and enum types in `Operation`.
        pub mod operation {
            /// What came of it, once it has ended.
            #[derive(Clone, PartialEq, ::prost::Oneof)]
            pub enum Result {
                /// Why it failed.
                #[prost(message, tag = "4")]
                Error(super::super::rpc::Status),
                /// What the method returns that started it.
                #[prost(message, tag = "5")]
                Response(::prost_types::Any),
            }
        }
        /// Which operation is asked for.
        #[derive(Clone, PartialEq, Eq, Hash, ::prost::Message)]
        pub struct GetOperationRequest {
            /// Its name.
            #[prost(string, tag = "1")]
            pub name: ::prost::alloc::string::String,
        }
        /// Which operations are asked for.
        #[derive(Clone, PartialEq, Eq, Hash, ::prost::Message)]
        pub struct ListOperationsRequest {
            /// `operations`.
            #[prost(string, tag = "4")]
            pub name: ::prost::alloc::string::String,
            /// A condition (AIP-160) that all returned operations meet.
            #[prost(string, tag = "1")]
            pub filter: ::prost::alloc::string::String,
            /// How many to return at most.
            #[prost(int32, tag = "2")]
            pub page_size: i32,
            /// `next_page_token` of another page.
            #[prost(string, tag = "3")]
            pub page_token: ::prost::alloc::string::String,
        }
        /// One page of operations.
        #[derive(Clone, PartialEq, ::prost::Message)]
        pub struct ListOperationsResponse {
            /// The operations of the page.
            #[prost(message, repeated, tag = "1")]
            pub operations: ::prost::alloc::vec::Vec<Operation>,
            /// Asks for the page behind this one. Empty if there is none.
            #[prost(string, tag = "2")]
            pub next_page_token: ::prost::alloc::string::String,
        }
        /// Which operation is to be cancelled.
        #[derive(Clone, PartialEq, Eq, Hash, ::prost::Message)]
        pub struct CancelOperationRequest {
            /// Its name.
            #[prost(string, tag = "1")]
            pub name: ::prost::alloc::string::String,
        }
        /// Which operation is to be forgotten.
        #[derive(Clone, PartialEq, Eq, Hash, ::prost::Message)]
        pub struct DeleteOperationRequest {
            /// Its name.
            #[prost(string, tag = "1")]
            pub name: ::prost::alloc::string::String,
        }
        /// Which operation to wait for, and how long.
        #[derive(Clone, PartialEq, Eq, Hash, ::prost::Message)]
        pub struct WaitOperationRequest {
            /// Its name.
            #[prost(string, tag = "1")]
            pub name: ::prost::alloc::string::String,
            /// How long at most.
            #[prost(message, optional, tag = "2")]
            pub timeout: ::core::option::Option<::prost_types::Duration>,
        }
        /// Generated client implementations.
        pub mod operations_client {
            #![allow(unused_variables, dead_code, missing_docs, clippy::wildcard_imports, clippy::let_unit_value)]
            use tonic::codegen::*;
            use tonic::codegen::http::Uri;
            /// Watches what takes its time.
            ///
            /// buf:lint:ignore SERVICE_SUFFIX
            #[derive(Debug, Clone)]
            pub struct OperationsClient<T> {
                inner: tonic::client::Grpc<T>,
            }
            impl<T> OperationsClient<T>
            where
                T: tonic::client::GrpcService<tonic::body::Body>,
                T::Error: Into<StdError>,
                T::ResponseBody: Body<Data = Bytes> + std::marker::Send + 'static,
                <T::ResponseBody as Body>::Error: Into<StdError> + std::marker::Send,
            {
                pub fn new(inner: T) -> Self {
                    let inner = tonic::client::Grpc::new(inner);
                    Self { inner }
                }
                pub fn with_origin(inner: T, origin: Uri) -> Self {
                    let inner = tonic::client::Grpc::with_origin(inner, origin);
                    Self { inner }
                }
                pub fn with_interceptor<F>(inner: T, interceptor: F) -> OperationsClient<InterceptedService<T, F>>
                where
                    F: tonic::service::Interceptor,
                    T::ResponseBody: Default,
                    T: tonic::codegen::Service<
                            http::Request<tonic::body::Body>,
                            Response = http::Response<
                                <T as tonic::client::GrpcService<tonic::body::Body>>::ResponseBody,
                            >,
                        >,
                    <T as tonic::codegen::Service<http::Request<tonic::body::Body>>>::Error:
                        Into<StdError> + std::marker::Send + std::marker::Sync,
                {
                    OperationsClient::new(InterceptedService::new(inner, interceptor))
                }
                /// Compress requests with the given encoding.
                ///
                /// This requires the server to support it otherwise it might respond with an
                /// error.
                #[must_use]
                pub fn send_compressed(mut self, encoding: CompressionEncoding) -> Self {
                    self.inner = self.inner.send_compressed(encoding);
                    self
                }
                /// Enable decompressing responses.
                #[must_use]
                pub fn accept_compressed(mut self, encoding: CompressionEncoding) -> Self {
                    self.inner = self.inner.accept_compressed(encoding);
                    self
                }
                /// Limits the maximum size of a decoded message.
                ///
                /// Default: `4MB`
                #[must_use]
                pub fn max_decoding_message_size(mut self, limit: usize) -> Self {
                    self.inner = self.inner.max_decoding_message_size(limit);
                    self
                }
                /// Limits the maximum size of an encoded message.
                ///
                /// Default: `usize::MAX`
                #[must_use]
                pub fn max_encoding_message_size(mut self, limit: usize) -> Self {
                    self.inner = self.inner.max_encoding_message_size(limit);
                    self
                }
                /// Lists operations.
                pub async fn list_operations(
                    &mut self,
                    request: impl tonic::IntoRequest<super::ListOperationsRequest>,
                ) -> std::result::Result<tonic::Response<super::ListOperationsResponse>, tonic::Status>
                {
                    self.inner
                        .ready()
                        .await
                        .map_err(|e| { tonic::Status::unknown(format!("Service was not ready: {}", e.into())) })?;
                    let codec = tonic_prost::ProstCodec::default();
                    let path = http::uri::PathAndQuery::from_static("/google.longrunning.Operations/ListOperations");
                    let mut req = request.into_request();
                    req.extensions_mut().insert(GrpcMethod::new("google.longrunning.Operations", "ListOperations"));
                    self.inner.unary(req, path, codec).await
                }
                /// How far an operation is.
                ///
                /// buf:lint:ignore RPC_REQUEST_RESPONSE_UNIQUE
                /// buf:lint:ignore RPC_RESPONSE_STANDARD_NAME
                pub async fn get_operation(
                    &mut self,
                    request: impl tonic::IntoRequest<super::GetOperationRequest>,
                ) -> std::result::Result<tonic::Response<super::Operation>, tonic::Status> {
                    self.inner
                        .ready()
                        .await
                        .map_err(|e| { tonic::Status::unknown(format!("Service was not ready: {}", e.into())) })?;
                    let codec = tonic_prost::ProstCodec::default();
                    let path = http::uri::PathAndQuery::from_static("/google.longrunning.Operations/GetOperation");
                    let mut req = request.into_request();
                    req.extensions_mut().insert(GrpcMethod::new("google.longrunning.Operations", "GetOperation"));
                    self.inner.unary(req, path, codec).await
                }
                /// Forgets an operation. That doesn't cancel it.
                ///
                /// buf:lint:ignore RPC_REQUEST_RESPONSE_UNIQUE
                /// buf:lint:ignore RPC_RESPONSE_STANDARD_NAME
                pub async fn delete_operation(
                    &mut self,
                    request: impl tonic::IntoRequest<super::DeleteOperationRequest>,
                ) -> std::result::Result<tonic::Response<()>, tonic::Status> {
                    self.inner
                        .ready()
                        .await
                        .map_err(|e| { tonic::Status::unknown(format!("Service was not ready: {}", e.into())) })?;
                    let codec = tonic_prost::ProstCodec::default();
                    let path = http::uri::PathAndQuery::from_static("/google.longrunning.Operations/DeleteOperation");
                    let mut req = request.into_request();
                    req.extensions_mut().insert(GrpcMethod::new("google.longrunning.Operations", "DeleteOperation"));
                    self.inner.unary(req, path, codec).await
                }
                /// Asks an operation to stop. It may be done before.
                ///
                /// buf:lint:ignore RPC_REQUEST_RESPONSE_UNIQUE
                /// buf:lint:ignore RPC_RESPONSE_STANDARD_NAME
                pub async fn cancel_operation(
                    &mut self,
                    request: impl tonic::IntoRequest<super::CancelOperationRequest>,
                ) -> std::result::Result<tonic::Response<()>, tonic::Status> {
                    self.inner
                        .ready()
                        .await
                        .map_err(|e| { tonic::Status::unknown(format!("Service was not ready: {}", e.into())) })?;
                    let codec = tonic_prost::ProstCodec::default();
                    let path = http::uri::PathAndQuery::from_static("/google.longrunning.Operations/CancelOperation");
                    let mut req = request.into_request();
                    req.extensions_mut().insert(GrpcMethod::new("google.longrunning.Operations", "CancelOperation"));
                    self.inner.unary(req, path, codec).await
                }
                /// Waits until an operation is done, or for a while.
                ///
                /// buf:lint:ignore RPC_REQUEST_RESPONSE_UNIQUE
                /// buf:lint:ignore RPC_RESPONSE_STANDARD_NAME
                pub async fn wait_operation(
                    &mut self,
                    request: impl tonic::IntoRequest<super::WaitOperationRequest>,
                ) -> std::result::Result<tonic::Response<super::Operation>, tonic::Status> {
                    self.inner
                        .ready()
                        .await
                        .map_err(|e| { tonic::Status::unknown(format!("Service was not ready: {}", e.into())) })?;
                    let codec = tonic_prost::ProstCodec::default();
                    let path = http::uri::PathAndQuery::from_static("/google.longrunning.Operations/WaitOperation");
                    let mut req = request.into_request();
                    req.extensions_mut().insert(GrpcMethod::new("google.longrunning.Operations", "WaitOperation"));
                    self.inner.unary(req, path, codec).await
                }
            }
        }
    }
    pub mod rpc {
        /// Why something failed.
        #[derive(Clone, PartialEq, ::prost::Message)]
        pub struct Status {
            /// A `google.rpc.Code`.
            #[prost(int32, tag = "1")]
            pub code: i32,
            /// For developers, in English.
            #[prost(string, tag = "2")]
            pub message: ::prost::alloc::string::String,
            /// What programs can read of it.
            #[prost(message, repeated, tag = "3")]
            pub details: ::prost::alloc::vec::Vec<::prost_types::Any>,
        }
    }
}
