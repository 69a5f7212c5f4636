//! What is imported from: found out by looking at it.

use std::fs;
use std::io::Read as _;
use std::path::Path;

use store::Foreign;

use crate::content::Content;
use crate::remark::NoSource;
use crate::{ImportError, env_file, nextjs, python};

/// How an SQLite file begins.
const SQLITE: &[u8] = b"SQLite format 3\0";

/// A longer file is neither a `.env` file nor a list of keys.
const LONGEST_TEXT: u64 = 64 << 20;

/// One of the projects that this program takes the place of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Project {
    /// `gemini-balance`, in Python.
    Python,
    /// `gemini-balance-nextjs`.
    NextJs,
}

impl Project {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Python => "Python project",
            Self::NextJs => "Next.js project",
        }
    }
}

/// An opened source.
pub(crate) enum Source {
    Database { project: Project, foreign: Foreign },
    Text { place: String, form: Form, text: String },
}

/// What a text is.
#[derive(Clone, Copy)]
pub(crate) enum Form {
    EnvFile,
    KeyList,
}

impl Form {
    fn of(text: &str) -> Self {
        if env_file::is_env_file(text) { Self::EnvFile } else { Self::KeyList }
    }

    fn content(self, text: &str) -> Content {
        match self {
            Self::EnvFile => Content::of_settings(env_file::parse(text)),
            Self::KeyList => Content::of_list(text),
        }
    }
}

impl Source {
    pub(crate) async fn open(
        reference: &str,
        expected: Option<Project>,
    ) -> Result<Self, ImportError> {
        let is_url = reference.contains("://")
            || ["sqlite:", "file:"].iter().any(|scheme| reference.starts_with(scheme));
        if is_url {
            return Self::database(Foreign::open_url(reference).await?, expected).await;
        }
        let path = Path::new(reference);
        let problem =
            |problem: NoSource| ImportError::Source { place: reference.to_owned(), problem };
        let unopened = |error: std::io::Error| problem(NoSource::Unopened(error.to_string()));
        let mut file = fs::File::open(path).map_err(unopened)?;
        let metadata = file.metadata().map_err(unopened)?;
        if metadata.is_dir() {
            return Err(problem(NoSource::Directory));
        }
        let mut begin = Vec::new();
        let read = file.by_ref().take(SQLITE.len() as u64).read_to_end(&mut begin);
        read.map_err(unopened)?;
        if begin == SQLITE {
            return Self::database(Foreign::open_file(path).await?, expected).await;
        }
        if metadata.len() > LONGEST_TEXT {
            return Err(problem(NoSource::Nothing));
        }
        let text = fs::read_to_string(path).map_err(|_| problem(NoSource::Nothing))?;
        Self::text(reference, text)
    }

    pub(crate) fn text(place: &str, text: String) -> Result<Self, ImportError> {
        let form = Form::of(&text);
        if form.content(&text).is_empty() {
            let problem = NoSource::Nothing;
            return Err(ImportError::Source { place: place.to_owned(), problem });
        }
        Ok(Self::Text { place: place.to_owned(), form, text })
    }

    async fn database(foreign: Foreign, expected: Option<Project>) -> Result<Self, ImportError> {
        let place = foreign.shown().to_owned();
        let tables = foreign.tables().await;
        let tables = tables.map_err(|error| ImportError::Read { place: place.clone(), error })?;
        let problem =
            |problem: NoSource| Err(ImportError::Source { place: place.clone(), problem });
        let has = |names: &[&str]| names.iter().any(|name| tables.iter().any(|is| is == name));
        let project = if has(&python::TABLES) && expected != Some(Project::NextJs) {
            Project::Python
        } else if has(&nextjs::TABLES) && expected != Some(Project::Python) {
            Project::NextJs
        } else if has(&python::TABLES) || has(&nextjs::TABLES) {
            return problem(NoSource::OtherProject);
        } else if has(&["api_keys"]) && has(&["client_tokens"]) {
            return problem(NoSource::OwnDatabase);
        } else {
            return problem(NoSource::OtherDatabase);
        };
        Ok(Self::Database { project, foreign })
    }

    pub(crate) fn place(&self) -> &str {
        match self {
            Self::Database { foreign, .. } => foreign.shown(),
            Self::Text { place, .. } => place,
        }
    }

    pub(crate) fn kind(&self) -> String {
        match self {
            Self::Database { project, foreign } => {
                format!("{}, {}", project.name(), foreign.kind())
            }
            Self::Text { form: Form::EnvFile, .. } => ".env file".to_owned(),
            Self::Text { form: Form::KeyList, .. } => "list of keys".to_owned(),
        }
    }

    /// All but the logs.
    pub(crate) async fn content(&self) -> Result<Content, ImportError> {
        match self {
            Self::Text { form, text, .. } => Ok(form.content(text)),
            Self::Database { project, foreign } => match project {
                Project::Python => python::content(foreign).await,
                Project::NextJs => nextjs::content(foreign).await,
            }
            .map_err(|error| self.unreadable(error)),
        }
    }

    pub(crate) fn unreadable(&self, error: store::StoreError) -> ImportError {
        ImportError::Read { place: self.place().to_owned(), error }
    }
}
