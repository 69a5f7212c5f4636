//! `/admin/files`: what clients have made at Google, and what can be done to it.

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, RawForm, State};
use axum::response::Redirect;
use http::HeaderMap;

use crate::State as Console;
use crate::access::Identity;
use crate::changes::files::{self as changes, Meant};
use crate::error::Error;
use crate::files::{File, Filter, Listing, ProjectUse, Standing, State as FileState};
use crate::page::Page;
use crate::shell::{self, Shell};
use crate::words::files::FilesWords;
use crate::work::FileAction;

/// Projects whose use is shown.
const PROJECTS: usize = 6;

#[derive(Template)]
#[template(path = "files.html")]
pub(crate) struct FilesPage {
    shell: Shell,
    w: &'static FilesWords,
    filter: Filter,
    listing: Listing,
    /// Where clients reach the gateway.
    base: String,
}

pub(crate) async fn show(
    State(console): State<Console>,
    shell: Shell,
    headers: HeaderMap,
    filter: Result<Query<Filter>, QueryRejection>,
) -> Result<Page<FilesPage>, Error> {
    let Query(filter) = filter?;
    let listing = filter.apply(&console).await?;
    let (w, base) = (FilesWords::of(shell.language), shell::base(&headers));
    Ok(Page(FilesPage { shell, w, filter, listing, base }))
}

/// `POST /admin/files/act`: deletes or forgets the chosen, or all that the filter finds.
pub(crate) async fn act(
    State(console): State<Console>,
    identity: Identity,
    RawForm(form): RawForm,
) -> Result<Redirect, Error> {
    let (mut action, mut query) = (String::new(), String::new());
    let (mut all, mut names) = (false, Vec::new());
    for (name, value) in url::form_urlencoded::parse(&form) {
        match &*name {
            "action" => action = value.into_owned(),
            "filter" => query = value.into_owned(),
            "all" => all = true,
            "id" => names.push(value.into_owned()),
            _ => {}
        }
    }
    let action = FileAction::of_name(&action)?;
    let meant = if all { Meant::Matching(read(&query)?) } else { Meant::These(names) };
    let job = changes::act(&console, &identity, action, meant).await?;
    Ok(Redirect::to(&format!("/admin/jobs/{}", job.id)))
}

/// `POST /admin/files/clean`: forgets what has expired.
pub(crate) async fn clean(
    State(console): State<Console>,
    identity: Identity,
) -> Result<Redirect, Error> {
    changes::clean(&console, &identity).await?;
    Ok(Redirect::to("/admin/files"))
}

/// A filter as it stands in addresses.
fn read(query: &str) -> Result<Filter, Error> {
    let uri: http::Uri =
        format!("/?{query}").parse().map_err(|_| Error::invalid("filter", "is no query"))?;
    let Query(filter) = Query::try_from_uri(&uri)?;
    Ok(filter)
}

/// A table's head that sorts.
struct Column {
    name: &'static str,
    label: &'static str,
}

impl FilesPage {
    fn states(&self) -> [(FileState, &'static str, u64); 3] {
        let counts = self.listing.counts;
        [
            (FileState::Live, self.w.live, counts.live),
            (FileState::Unreachable, self.w.unreachable, counts.unreachable),
            (FileState::Expired, self.w.expired, counts.expired),
        ]
    }

    fn all_states(&self) -> u64 {
        self.listing.counts.live + self.listing.counts.expired
    }

    /// Nothing was made, whatever the filter.
    fn is_empty(&self) -> bool {
        self.filter == Filter::default() && self.all_states() == 0
    }

    fn columns(&self) -> [Column; 3] {
        [
            Column { name: "size", label: self.w.size },
            Column { name: "expires", label: self.w.expires },
            Column { name: "made", label: self.w.made },
        ]
    }

    /// What a kind is called.
    fn kind<'n>(&self, kind: &'n str) -> &'n str {
        self.w.kind(kind)
    }

    fn says(&self, standing: Standing) -> &'static str {
        match standing {
            Standing::Live => self.w.live,
            Standing::Working => self.w.working,
            Standing::Failed => self.w.failed,
            Standing::Unreachable => self.w.unreachable,
            Standing::Expired => self.w.expired,
        }
    }

    /// The fullest projects.
    fn uses(&self) -> impl Iterator<Item = &ProjectUse> {
        self.listing.uses.iter().take(PROJECTS)
    }

    /// Where its other resources are found.
    fn same_key(file: &File) -> String {
        Filter::default().with("key", &file.resource.key_id)
    }
}

impl FilesWords {
    /// What a kind is called; what is rare keeps the name that Google gives it.
    pub(crate) fn kind<'n>(&self, kind: &'n str) -> &'n str {
        match kind {
            "file" => self.file,
            "upload" => self.upload,
            "cache" => self.cache,
            "batch" => self.batch,
            "operation" => self.operation,
            "store" => self.store,
            "interaction" => self.interaction,
            "generated_file" => self.generated_file,
            "tuned_model" => self.tuned_model,
            "video" => self.video,
            other => other,
        }
    }
}
