//! Every method of Google's API, and how the gateway treats it.

/// A method.
pub(super) struct Method {
    /// Its name: the collection and what is done.
    pub(super) id: &'static str,
    /// The HTTP verb.
    pub(super) verb: &'static str,
    /// Below the version; what stands in braces is a name.
    pub(super) path: &'static str,
    pub(super) how: How,
    pub(super) told_by: ToldBy,
}

/// How the gateway treats a method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum How {
    /// With any key of the pool.
    Pool,
    /// The same, and the answer is a stream.
    Streams,
    /// With any key; what comes of it is bound to this key and to the client's token.
    Makes,
    /// With the key that made what the path names, for the token that made it.
    Bound,
    /// From the register of what the token has made.
    Lists,
    /// Bytes below `/upload`, streamed through.
    Uploads,
}

/// Where a method is told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ToldBy {
    /// Google's OpenAPI documents.
    Description,
    /// The protobufs alone: it was removed since, or is reached by few.
    Protobufs,
    /// Newer than these: Google's SDKs and pages.
    Sdks,
}

use How::{Bound, Lists, Makes, Pool, Streams, Uploads};
use ToldBy::{Description, Protobufs, Sdks};

const fn method(
    told_by: ToldBy,
    id: &'static str,
    verb: &'static str,
    path: &'static str,
    how: How,
) -> Method {
    Method { id, verb, path, how, told_by }
}

/// All of them.
pub(super) fn all() -> impl Iterator<Item = &'static Method> {
    DESCRIBED.iter().chain(IN_PROTOBUFS).chain(NEWER)
}

/// Those that are treated so.
pub(super) fn treated(how: How) -> impl Iterator<Item = &'static Method> {
    all().filter(move |method| method.how == how)
}

macro_rules! methods {
    ($told_by:ident: $($id:literal, $verb:ident, $path:literal, $how:ident;)+) => {
        &[$(method($told_by, $id, stringify!($verb), $path, $how)),+]
    };
}

#[rustfmt::skip]
const DESCRIBED: &[Method] = methods! { Description:
    "models.list", GET, "models", Pool;
    "models.get", GET, "models/{model}", Pool;
    "models.generateContent", POST, "models/{model}:generateContent", Pool;
    "models.streamGenerateContent", POST, "models/{model}:streamGenerateContent", Streams;
    "models.countTokens", POST, "models/{model}:countTokens", Pool;
    "models.embedContent", POST, "models/{model}:embedContent", Pool;
    "models.batchEmbedContents", POST, "models/{model}:batchEmbedContents", Pool;
    "models.batchGenerateContent", POST, "models/{model}:batchGenerateContent", Makes;
    "models.asyncBatchEmbedContent", POST, "models/{model}:asyncBatchEmbedContent", Makes;
    "models.predict", POST, "models/{model}:predict", Pool;
    "models.predictLongRunning", POST, "models/{model}:predictLongRunning", Makes;
    "models.operations.list", GET, "models/{model}/operations", Lists;
    "models.operations.get", GET, "models/{model}/operations/{operation}", Bound;
    "models.generateAnswer", POST, "models/{model}:generateAnswer", Pool;
    "models.generateMessage", POST, "models/{model}:generateMessage", Pool;
    "models.countMessageTokens", POST, "models/{model}:countMessageTokens", Pool;
    "models.generateText", POST, "models/{model}:generateText", Pool;
    "models.embedText", POST, "models/{model}:embedText", Pool;
    "models.batchEmbedText", POST, "models/{model}:batchEmbedText", Pool;
    "models.countTextTokens", POST, "models/{model}:countTextTokens", Pool;
    "dynamic.generateContent", POST, "dynamic/{id}:generateContent", Pool;
    "dynamic.streamGenerateContent", POST, "dynamic/{id}:streamGenerateContent", Streams;
    "files.create", POST, "files", Makes;
    "files.list", GET, "files", Lists;
    "files.get", GET, "files/{file}", Bound;
    "files.delete", DELETE, "files/{file}", Bound;
    "files.download", GET, "files/{file}:download", Bound;
    "generatedFiles.list", GET, "generatedFiles", Lists;
    "generatedFiles.get", GET, "generatedFiles/{generatedFile}", Bound;
    "generatedFiles.operations.get", GET, "generatedFiles/{generatedFile}/operations/{operation}", Bound;
    "cachedContents.create", POST, "cachedContents", Makes;
    "cachedContents.list", GET, "cachedContents", Lists;
    "cachedContents.get", GET, "cachedContents/{id}", Bound;
    "cachedContents.patch", PATCH, "cachedContents/{id}", Bound;
    "cachedContents.delete", DELETE, "cachedContents/{id}", Bound;
    "batches.list", GET, "batches", Lists;
    "batches.get", GET, "batches/{batch}", Bound;
    "batches.delete", DELETE, "batches/{batch}", Bound;
    "batches.cancel", POST, "batches/{batch}:cancel", Bound;
    "batches.updateGenerateContentBatch", PATCH, "batches/{batch}:updateGenerateContentBatch", Bound;
    "batches.updateEmbedContentBatch", PATCH, "batches/{batch}:updateEmbedContentBatch", Bound;
    "fileSearchStores.create", POST, "fileSearchStores", Makes;
    "fileSearchStores.list", GET, "fileSearchStores", Lists;
    "fileSearchStores.get", GET, "fileSearchStores/{store}", Bound;
    "fileSearchStores.delete", DELETE, "fileSearchStores/{store}", Bound;
    "fileSearchStores.importFile", POST, "fileSearchStores/{store}:importFile", Bound;
    "fileSearchStores.uploadToFileSearchStore", POST, "fileSearchStores/{store}:uploadToFileSearchStore", Bound;
    "fileSearchStores.documents.list", GET, "fileSearchStores/{store}/documents", Bound;
    "fileSearchStores.documents.get", GET, "fileSearchStores/{store}/documents/{document}", Bound;
    "fileSearchStores.documents.delete", DELETE, "fileSearchStores/{store}/documents/{document}", Bound;
    "fileSearchStores.operations.get", GET, "fileSearchStores/{store}/operations/{operation}", Bound;
    "fileSearchStores.upload.operations.get", GET, "fileSearchStores/{store}/upload/operations/{operation}", Bound;
    "corpora.create", POST, "corpora", Makes;
    "corpora.list", GET, "corpora", Lists;
    "corpora.get", GET, "corpora/{corpus}", Bound;
    "corpora.delete", DELETE, "corpora/{corpus}", Bound;
    "corpora.operations.get", GET, "corpora/{corpus}/operations/{operation}", Bound;
    "corpora.permissions.create", POST, "corpora/{corpus}/permissions", Bound;
    "corpora.permissions.list", GET, "corpora/{corpus}/permissions", Bound;
    "corpora.permissions.get", GET, "corpora/{corpus}/permissions/{permission}", Bound;
    "corpora.permissions.patch", PATCH, "corpora/{corpus}/permissions/{permission}", Bound;
    "corpora.permissions.delete", DELETE, "corpora/{corpus}/permissions/{permission}", Bound;
    "tunedModels.create", POST, "tunedModels", Makes;
    "tunedModels.list", GET, "tunedModels", Lists;
    "tunedModels.get", GET, "tunedModels/{tunedModel}", Bound;
    "tunedModels.patch", PATCH, "tunedModels/{tunedModel}", Bound;
    "tunedModels.delete", DELETE, "tunedModels/{tunedModel}", Bound;
    "tunedModels.transferOwnership", POST, "tunedModels/{tunedModel}:transferOwnership", Bound;
    "tunedModels.generateContent", POST, "tunedModels/{tunedModel}:generateContent", Bound;
    "tunedModels.streamGenerateContent", POST, "tunedModels/{tunedModel}:streamGenerateContent", Bound;
    "tunedModels.batchGenerateContent", POST, "tunedModels/{tunedModel}:batchGenerateContent", Bound;
    "tunedModels.asyncBatchEmbedContent", POST, "tunedModels/{tunedModel}:asyncBatchEmbedContent", Bound;
    "tunedModels.generateText", POST, "tunedModels/{tunedModel}:generateText", Bound;
    "tunedModels.operations.list", GET, "tunedModels/{tunedModel}/operations", Bound;
    "tunedModels.operations.get", GET, "tunedModels/{tunedModel}/operations/{operation}", Bound;
    "tunedModels.permissions.create", POST, "tunedModels/{tunedModel}/permissions", Bound;
    "tunedModels.permissions.list", GET, "tunedModels/{tunedModel}/permissions", Bound;
    "tunedModels.permissions.get", GET, "tunedModels/{tunedModel}/permissions/{permission}", Bound;
    "tunedModels.permissions.patch", PATCH, "tunedModels/{tunedModel}/permissions/{permission}", Bound;
    "tunedModels.permissions.delete", DELETE, "tunedModels/{tunedModel}/permissions/{permission}", Bound;
    "interactions.create", POST, "interactions", Makes;
    "interactions.get", GET, "interactions/{interaction}", Bound;
    "interactions.cancel", POST, "interactions/{interaction}/cancel", Bound;
    "interactions.delete", DELETE, "interactions/{interaction}", Bound;
};

#[rustfmt::skip]
const IN_PROTOBUFS: &[Method] = methods! { Protobufs:
    "corpora.patch", PATCH, "corpora/{corpus}", Bound;
    "corpora.query", POST, "corpora/{corpus}:query", Bound;
    "corpora.documents.create", POST, "corpora/{corpus}/documents", Bound;
    "corpora.documents.list", GET, "corpora/{corpus}/documents", Bound;
    "corpora.documents.get", GET, "corpora/{corpus}/documents/{document}", Bound;
    "corpora.documents.patch", PATCH, "corpora/{corpus}/documents/{document}", Bound;
    "corpora.documents.delete", DELETE, "corpora/{corpus}/documents/{document}", Bound;
    "corpora.documents.query", POST, "corpora/{corpus}/documents/{document}:query", Bound;
    "corpora.documents.chunks.create", POST, "corpora/{corpus}/documents/{document}/chunks", Bound;
    "corpora.documents.chunks.list", GET, "corpora/{corpus}/documents/{document}/chunks", Bound;
    "corpora.documents.chunks.get", GET, "corpora/{corpus}/documents/{document}/chunks/{chunk}", Bound;
    "corpora.documents.chunks.patch", PATCH, "corpora/{corpus}/documents/{document}/chunks/{chunk}", Bound;
    "corpora.documents.chunks.delete", DELETE, "corpora/{corpus}/documents/{document}/chunks/{chunk}", Bound;
    "corpora.documents.chunks.batchCreate", POST, "corpora/{corpus}/documents/{document}/chunks:batchCreate", Bound;
    "corpora.documents.chunks.batchUpdate", POST, "corpora/{corpus}/documents/{document}/chunks:batchUpdate", Bound;
    "corpora.documents.chunks.batchDelete", POST, "corpora/{corpus}/documents/{document}/chunks:batchDelete", Bound;
};

#[rustfmt::skip]
const NEWER: &[Method] = methods! { Sdks:
    "media.upload", POST, "files", Uploads;
    "media.uploadToFileSearchStore", POST, "fileSearchStores/{store}:uploadToFileSearchStore", Uploads;
    "files.register", POST, "files:register", Makes;
    "fileSearchStores.media.get", GET, "fileSearchStores/{store}/media/{blob}", Bound;
    "auth_tokens.create", POST, "auth_tokens", Makes;
    "agents.create", POST, "agents", Makes;
    "agents.list", GET, "agents", Lists;
    "agents.get", GET, "agents/{agent}", Bound;
    "agents.delete", DELETE, "agents/{agent}", Bound;
    "environments.create", POST, "environments", Makes;
    "environments.list", GET, "environments", Lists;
    "environments.get", GET, "environments/{environment}", Bound;
    "environments.delete", DELETE, "environments/{environment}", Bound;
    "environments.files.get", GET, "environments/{environment}/files/{path}", Bound;
    "environments.files.put", PUT, "environments/{environment}/files/{path}", Uploads;
    "triggers.create", POST, "triggers", Makes;
    "triggers.list", GET, "triggers", Lists;
    "triggers.get", GET, "triggers/{trigger}", Bound;
    "triggers.patch", PATCH, "triggers/{trigger}", Bound;
    "triggers.delete", DELETE, "triggers/{trigger}", Bound;
    "triggers.executions.create", POST, "triggers/{trigger}/executions", Bound;
    "triggers.executions.list", GET, "triggers/{trigger}/executions", Bound;
    "webhooks.create", POST, "webhooks", Makes;
    "webhooks.list", GET, "webhooks", Lists;
    "webhooks.get", GET, "webhooks/{webhook}", Bound;
    "webhooks.patch", PATCH, "webhooks/{webhook}", Bound;
    "webhooks.delete", DELETE, "webhooks/{webhook}", Bound;
    "webhooks.ping", POST, "webhooks/{webhook}:ping", Bound;
    "webhooks.rotateSigningSecret", POST, "webhooks/{webhook}:rotateSigningSecret", Bound;
    "voices.create", POST, "voices", Makes;
    "voices.list", GET, "voices", Lists;
    "voices.get", GET, "voices/{voice}", Bound;
    "voices.delete", DELETE, "voices/{voice}", Bound;
    "credentials.create", POST, "credentials", Makes;
    "credentials.list", GET, "credentials", Lists;
    "credentials.get", GET, "credentials/{credential}", Bound;
    "credentials.patch", PATCH, "credentials/{credential}", Bound;
    "credentials.delete", DELETE, "credentials/{credential}", Bound;
    "decisions.create", POST, "decisions", Pool;
};
