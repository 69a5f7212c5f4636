//! What imports and backups have to say.

use import::{ImportError, NoCredential, NoSource, OldLogName, Reason, Remark};
use secret::InvalidSecret;
use store::BackupError;

use super::{Language, fill, fill2, words};

words! {
    /// Why things are taken over or not, and what whoever moves in should know.
    MovingWords {
        empty_there: "is empty there", "源中为空";
        readonly: "SETTINGS_READONLY is true here, so the environment is final", "此处已设置 SETTINGS_READONLY，以环境变量为准";
        called_here: "is called {} here", "此处名为 {}";
        old_repository: "names the old project's repository", "指向旧项目的代码仓库";
        old_database: "names the old project's own database", "指向旧项目自己的数据库";
        environment_only: "is read at start, from the environment only", "仅在启动时从环境变量读取";
        has_password: "the administrator has a password here already", "此处管理员已有密码";
        hashed: "is kept as a hash there; save a new one here", "源中只保存了哈希；请在此处设置新密码";
        clients_password: "is a client token too, so that every client would be an administrator; save another one here", "同时也是客户端令牌，否则所有客户端都会成为管理员；请在此处设置其他密码";
        not_accepted: "{}", "不被接受：{}";
        no_key: "Key number {}: {}", "第 {} 个密钥：{}";
        no_token: "Client token number {}: {}", "第 {} 个令牌：{}";
        unreadable: "{}: {}", "{} 无法读取：{}";
        no_time: "{}: {} without a time that can be read", "{}：{} 行没有可读的时间";
        sample_token: "A client token is one from an example file, which anybody may guess: make another one, and revoke it.", "有一个令牌来自示例文件，任何人都能猜到：请创建新令牌并吊销它。";
        failure_counts: "Failure counts ({} keys had some) are not taken over: a check finds out which keys are dead.", "失败次数（{} 个密钥有记录）不会导入：检测即可知道哪些密钥已失效。";
        logs_stay: "Logs stay behind, as was asked for.", "按要求不导入日志。";
        soon_deleted: "{} older than {} days are deleted by the clock.", "{}早于 {} 天的会被定时删除。";
        password_only: "AUTH_TOKEN is the administrator's password only: clients that used it need a token of their own.", "AUTH_TOKEN 只是管理员密码：曾使用它的客户端需要自己的令牌。";
        token_is_no_password: "The old project took its first client token for the administrator's password where AUTH_TOKEN was not set; here it opens nothing but the API.", "旧项目在未设置 AUTH_TOKEN 时把第一个令牌当作管理员密码；在此处它只能访问 API。";
        times_of: "Times in the logs are read as the clock of {} showed them, as in the project's container; another zone can be named before.", "日志时间按 {} 时区读取（与旧项目容器一致）；可在导入前指定其他时区。";
        requests: "requests", "请求";
        errors: "errors", "错误";
        sample: "is a sample from an example file", "是示例文件中的样例";
        secret_empty: "is empty", "为空";
        secret_short: "has {} characters, at least {} are needed", "只有 {} 个字符，至少需要 {} 个";
        secret_long: "is {} bytes long, at most {} are accepted", "长 {} 字节，最多 {} 字节";
        secret_character: "has a character at position {} that a credential cannot contain", "第 {} 个字符不能出现在凭据中";
        directory: "is a directory; name the .env file or the database in it", "是文件夹；请选择其中的 .env 文件或数据库";
        nothing: "holds nothing that can be imported; accepted: a database of the Python or the Next.js project, its .env file, or a list of keys", "没有可导入的内容；可接受：Python 或 Next.js 项目的数据库、其 .env 文件，或密钥列表";
        other_project: "is the database of the other project", "是另一个项目的数据库";
        own_database: "is a database of this very program, which needs no import: DATABASE_URL names it", "是本程序自己的数据库，无需导入：由 DATABASE_URL 指定";
        other_database: "is no database of the Python project (t_settings …) or of the Next.js project (ApiKey …)", "不是 Python 项目（t_settings …）或 Next.js 项目（ApiKey …）的数据库";
        no_time_zone: "there is no such time zone; accepted: a name like Asia/Shanghai or UTC", "没有这个时区；可接受：如 Asia/Shanghai 或 UTC";
        unopened: "{}: cannot be read: {}", "{}：无法读取：{}";
        database: "The database failed: {}", "数据库出错：{}";
        foreign: "This is no backup that gemini-balance made.", "这不是 gemini-balance 生成的备份。";
        damaged: "The backup is damaged at line {}: {}. Nothing was restored.", "备份在第 {} 行损坏：{}。未恢复任何内容。";
        newer: "The backup was made by version {}, which is newer than this one; restore it there.", "备份由更新的版本 {} 生成，请在该版本恢复。";
        other_master_key: "The secrets in the backup are sealed under another master key: give that one as MASTER_KEY, or make the backup again with a passphrase.", "备份中的机密使用其他主密钥加密：请用 MASTER_KEY 提供该主密钥，或用口令重新生成备份。";
        not_empty: "The database is not empty: it holds {}.", "数据库不为空：其中有 {}。";
        locked: "The secret of {} does not open with this master key.", "{} 的机密无法用当前主密钥打开。";
        sealing: "The secrets cannot be sealed: no memory or no randomness.", "无法加密机密：内存或随机数不足。";
        no_file: "The file cannot be read or written: {}", "文件无法读写：{}";
    }
}

/// A text in every language, for whoever will read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Spoken {
    english: String,
    chinese: String,
}

impl Spoken {
    /// The same with words of each language.
    pub(crate) fn with(say: impl Fn(&'static MovingWords) -> String) -> Self {
        let in_words = |language| say(MovingWords::of(language));
        Self { english: in_words(Language::English), chinese: in_words(Language::Chinese) }
    }

    /// A text that has no translation.
    pub(crate) fn only(text: String) -> Self {
        Self { chinese: text.clone(), english: text }
    }

    pub(crate) fn of(&self, language: Language) -> &str {
        match language {
            Language::English => &self.english,
            Language::Chinese => &self.chinese,
        }
    }

    /// Changes both.
    pub(crate) fn map(self, change: impl Fn(&str) -> String) -> Self {
        Self { english: change(&self.english), chinese: change(&self.chinese) }
    }
}

impl MovingWords {
    /// Why a setting becomes what it becomes.
    pub(crate) fn reason(&self, reason: &Reason) -> String {
        match reason {
            Reason::EmptyThere => self.empty_there.to_owned(),
            Reason::Readonly => self.readonly.to_owned(),
            Reason::CalledHere(name) => fill(self.called_here, name),
            Reason::OldRepository => self.old_repository.to_owned(),
            Reason::OldDatabase => self.old_database.to_owned(),
            Reason::EnvironmentOnly => self.environment_only.to_owned(),
            Reason::HasPassword => self.has_password.to_owned(),
            Reason::Hashed => self.hashed.to_owned(),
            Reason::ClientsPassword => self.clients_password.to_owned(),
            Reason::NotAccepted(why) => fill(self.not_accepted, why),
            other => other.to_string(),
        }
    }

    /// What whoever moves in should know.
    pub(crate) fn remark(&self, remark: &Remark) -> String {
        match remark {
            Remark::NoKey { number, why } => fill2(self.no_key, number, self.no_credential(why)),
            Remark::NoToken { number, why } => {
                fill2(self.no_token, number, self.no_credential(why))
            }
            Remark::Unreadable { name, problem } => fill2(self.unreadable, name, problem),
            Remark::NoTime { log, count } => fill2(self.no_time, self.log(*log), count),
            Remark::SampleToken => self.sample_token.to_owned(),
            Remark::FailureCounts(keys) => fill(self.failure_counts, keys),
            Remark::LogsStay => self.logs_stay.to_owned(),
            Remark::SoonDeleted { log, days } => fill2(self.soon_deleted, self.log(*log), days),
            Remark::PasswordOnly => self.password_only.to_owned(),
            Remark::TokenIsNoPassword => self.token_is_no_password.to_owned(),
            Remark::TimesOf(zone) => fill(self.times_of, zone),
            other => other.to_string(),
        }
    }

    fn log(&self, log: OldLogName) -> &'static str {
        match log {
            OldLogName::Requests => self.requests,
            OldLogName::Errors => self.errors,
        }
    }

    fn no_credential(&self, why: &NoCredential) -> String {
        match why {
            NoCredential::Sample => self.sample.to_owned(),
            NoCredential::Invalid(InvalidSecret::Empty) => self.secret_empty.to_owned(),
            NoCredential::Invalid(InvalidSecret::TooShort { actual, minimum }) => {
                fill2(self.secret_short, actual, minimum)
            }
            NoCredential::Invalid(InvalidSecret::TooLong { actual, maximum }) => {
                fill2(self.secret_long, actual, maximum)
            }
            NoCredential::Invalid(InvalidSecret::Character { position }) => {
                fill(self.secret_character, position)
            }
            other => other.to_string(),
        }
    }

    /// Why nothing was imported.
    pub(crate) fn import_error(&self, error: &ImportError) -> String {
        match error {
            ImportError::Source { place, problem: NoSource::Unopened(why) } => {
                fill2(self.unopened, place, why)
            }
            ImportError::Source { place, problem } => {
                format!("{place}: {}", self.no_source(problem))
            }
            ImportError::Read { place, error } => fill2(self.unopened, place, error),
            ImportError::Store(error) => fill(self.database, error),
            other => other.to_string(),
        }
    }

    fn no_source(&self, problem: &NoSource) -> String {
        let text = match problem {
            NoSource::Directory => self.directory,
            NoSource::Nothing => self.nothing,
            NoSource::OtherProject => self.other_project,
            NoSource::OwnDatabase => self.own_database,
            NoSource::OtherDatabase => self.other_database,
            NoSource::NoTimeZone => self.no_time_zone,
            other => return other.to_string(),
        };
        text.to_owned()
    }

    /// Why nothing was restored.
    pub(crate) fn backup_error(&self, error: &BackupError) -> String {
        match error {
            BackupError::Store(error) => fill(self.database, error),
            BackupError::File(error) => fill(self.no_file, error),
            BackupError::NotEmpty(what) => fill(self.not_empty, what),
            BackupError::Foreign => self.foreign.to_owned(),
            BackupError::Damaged { line, problem } => fill2(self.damaged, line, problem),
            BackupError::Newer(version) => fill(self.newer, version),
            BackupError::OtherMasterKey => self.other_master_key.to_owned(),
            BackupError::Locked { place } => fill(self.locked, place),
            BackupError::Sealing => self.sealing.to_owned(),
            other => other.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_is_said_in_either_language() {
        let remark = Remark::SoonDeleted { log: OldLogName::Requests, days: 30 };
        let both = Spoken::with(|w| w.remark(&remark));
        assert_eq!(
            both.of(Language::English),
            "requests older than 30 days are deleted by the clock."
        );
        assert_eq!(both.of(Language::Chinese), "请求早于 30 天的会被定时删除。");
        let why = NoCredential::Invalid(InvalidSecret::Character { position: 5 });
        let both = Spoken::with(|w| w.remark(&Remark::NoKey { number: 3, why: why.clone() }));
        assert_eq!(both.of(Language::Chinese), "第 3 个密钥：第 5 个字符不能出现在凭据中");
        let both = Spoken::with(|w| w.backup_error(&BackupError::Foreign));
        assert!(both.of(Language::Chinese).contains("备份"));
    }
}
