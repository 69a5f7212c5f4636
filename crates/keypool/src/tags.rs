//! Which projects have keys with which label.

use crate::map::Map;
use crate::roster::ProjectSlot;
use crate::slot_set::{SlotSet, Union};

/// For each label, the projects of the keys that carry it.
#[derive(Debug, Default)]
pub(crate) struct Tags(Map<String, Tagged>);

#[derive(Debug, Default)]
struct Tagged {
    projects: SlotSet,
    /// How many keys of a project carry the label, if several.
    keys: Map<ProjectSlot, u32>,
}

impl Tags {
    /// A key with these labels has joined a project.
    pub(crate) fn add(&mut self, tags: &[String], project: ProjectSlot) {
        for tag in tags {
            let tagged = self.0.entry(tag.clone()).or_default();
            *tagged.keys.entry(project).or_default() += 1;
            tagged.projects.set(project.0, true);
        }
    }

    /// A key with these labels has left a project.
    pub(crate) fn remove(&mut self, tags: &[String], project: ProjectSlot) {
        for tag in tags {
            let Some(tagged) = self.0.get_mut(tag) else { continue };
            let Some(keys) = tagged.keys.get_mut(&project) else { continue };
            *keys -= 1;
            if *keys == 0 {
                tagged.keys.remove(&project);
                tagged.projects.set(project.0, false);
            }
            if tagged.keys.is_empty() {
                self.0.remove(tag);
            }
        }
    }

    /// Whether any key carries the label.
    pub(crate) fn has(&self, tag: &str) -> bool {
        self.0.contains_key(tag)
    }

    /// The projects that have a key with any of these labels.
    pub(crate) fn any_of(&self, tags: &[String]) -> Union<'_> {
        Union::new(tags.iter().filter_map(|tag| Some(&self.0.get(tag)?.projects)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_project_carries_the_labels_of_its_keys() {
        let mut tags = Tags::default();
        let [paid, free] = [["paid".to_owned()], ["free".to_owned()]];
        let project = ProjectSlot(7);
        tags.add(&paid, project);
        tags.add(&paid, project);
        tags.add(&free, ProjectSlot(8));
        tags.remove(&paid, project);
        assert!(tags.any_of(&paid).contains(7));
        assert!(!tags.any_of(&["free".to_owned(), "unheard of".to_owned()]).contains(7));
        assert!(tags.any_of(&["paid".to_owned(), "free".to_owned()]).contains(8));
        tags.remove(&paid, project);
        assert!(!tags.any_of(&paid).contains(7));
    }
}
