//! The store against real databases: SQLite always, others as `TEST_DATABASE_URLS` says
//! (comma-separated; `scripts/databases start` provides some).
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers and checks are tests too, though not marked as such"
)]

mod database;

mod checks;
mod kill;
mod log_writer;
mod sqlite_files;

use database::{Database, Kind};

/// Runs checks, each on a database of its own.
macro_rules! each {
    ($kind:ident, $($module:ident :: $check:ident),+ $(,)?) => {
        $(
            println!("{}: {}", $kind, stringify!($check));
            let database = Database::fresh($kind);
            Box::pin($module::$check(&database)).await;
            database.remove().await;
        )+
    };
}

/// Every check of the suite.
async fn suite(kind: &Kind) {
    Box::pin(what_is_kept(kind)).await;
    Box::pin(what_happens(kind)).await;
    Box::pin(who_looks_after_it(kind)).await;
}

/// Keys, tokens, settings, and what was learned of them.
async fn what_is_kept(kind: &Kind) {
    use checks::{keys, learned, settings, tokens};
    each!(
        kind,
        keys::are_added_found_and_changed,
        keys::of_any_shape_are_found_by_mask_and_name,
        keys::removed_do_not_come_back_by_import,
        keys::are_told_apart_by_the_api_that_they_are_for,
        keys::imported_in_bulk_are_counted,
        keys::added_by_many_at_once_are_stored_once,
        keys::are_added_in_one_step_and_come_back_under_their_id,
        keys::do_not_open_in_another_row,
        keys::too_long_texts_are_refused,
        keys::odd_weights_and_tags_are_refused,
        tokens::are_created_listed_and_revoked,
        tokens::revoked_do_not_come_back_by_import,
        tokens::are_restricted_by_tags,
        tokens::carry_limits_and_an_end,
        tokens::get_another_secret,
        tokens::have_their_use_counted_by_each_process,
        settings::are_stored_and_unset,
        settings::imported_ones_are_known_until_somebody_changes_them,
        settings::secret_ones_are_sealed,
        settings::are_changed_only_over_what_was_seen,
        learned::survives_a_restart,
        learned::is_forgotten_with_the_key_and_when_it_is_revived,
        learned::odd_names_do_no_harm,
        learned::is_told_to_others_as_it_changes,
        learned::what_others_found_out_meanwhile_stays,
        learned::everybody_counts_for_himself,
        learned::of_many_writers_at_once_nothing_is_missed,
    );
}

/// Logs, and what clients made.
async fn what_happens(kind: &Kind) {
    use checks::{
        audit, counting, errors, live_sessions, logs, pictures, resources, responses, traffic,
    };
    each!(
        kind,
        logs::are_read_back_filtered_and_paged,
        logs::are_followed_and_narrowed_down,
        logs::find_a_request_with_its_trail,
        logs::take_any_text,
        logs::are_deleted_by_age,
        logs::are_held_to_their_room,
        audit::is_narrowed_down_by_time,
        audit::tells_of_each_version_once,
        errors::are_summed_by_kind,
        errors::tell_whom_they_concern,
        errors::are_marked_and_the_mark_is_taken_back,
        counting::is_by_what_requests_were,
        counting::is_over_once_they_are_deleted,
        traffic::is_summed_with_the_requests,
        traffic::of_several_keys_is_read_at_once,
        traffic::is_deleted_by_age_and_kind_of_span,
        pictures::are_found_by_their_signed_name_until_their_time,
        live_sessions::are_found_by_their_handles_until_their_time,
        resources::belong_to_whoever_made_them,
        resources::are_listed_page_by_page,
        resources::are_surveyed_by_key,
        resources::are_filtered_and_ordered,
        responses::are_kept_for_their_token_alone,
        responses::are_deleted_by_age,
        responses::that_are_worked_on_end_once,
        responses::that_nobody_works_on_are_abandoned_or_gone,
    );
}

/// People, what is theirs, and the database itself.
async fn who_looks_after_it(kind: &Kind) {
    use checks::{backups, chores, opening, own, people};
    each!(
        kind,
        people::keep_one_administrator,
        people::lose_their_sessions_and_tokens,
        people::use_each_code_once,
        people::make_admin_tokens,
        people::choose_another_password_than_was_made_for_them,
        own::preferences_are_of_one_person,
        own::views_are_named_pinned_and_deleted,
        own::what_is_somebodys_goes_with_them,
        chores::are_done_by_one_and_made_up_for,
        own::conversations_are_kept_sealed_and_belong_to_one_person,
        own::models_keep_the_moment_at_which_they_were_seen_first,
        backups::come_back_in_another_database,
        backups::open_under_another_master_key_by_a_passphrase,
        backups::are_restored_whole_or_not_at_all,
        backups::without_people_let_those_stay_who_are_there,
        backups::hold_more_rows_than_a_page,
        opening::again_changes_nothing,
        opening::many_at_once_migrates_once,
        opening::counts_changes,
        opening::with_another_master_key_is_refused,
        opening::of_two_first_starts_with_different_keys_one_wins,
        opening::a_newer_schema_is_refused,
        opening::a_changed_or_half_done_migration_is_refused,
        opening::after_a_drop_without_close_finds_all,
        opening::no_secret_is_anywhere_in_clear,
        kill::acknowledged_changes_survive,
        log_writer::writes_soon_and_all_on_shutdown,
        log_writer::sorts_out_what_the_database_refuses,
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_passes_the_suite() {
    Box::pin(suite(&Kind::Sqlite)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn servers_pass_the_suite() {
    let kinds = Kind::servers();
    if kinds.is_empty() {
        println!("skipped: TEST_DATABASE_URLS names no PostgreSQL or MySQL server");
    }
    for kind in &kinds {
        Box::pin(suite(kind)).await;
        let database = Database::fresh(kind);
        checks::opening::cut_connections_are_replaced(&database).await;
        database.remove().await;
        checks::opening::a_wrong_password_is_named_and_not_shown(kind).await;
        checks::opening::a_server_that_does_not_answer_is_given_up(kind).await;
    }
}
