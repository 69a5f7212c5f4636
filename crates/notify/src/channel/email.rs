//! E-mail.

use lettre::message::header::ContentType;
use lettre::message::{Mailbox, MessageBuilder};
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor};
use settings::{Hidden, Notifications};

use crate::message::Message;
use crate::post::{DeliveryError, PATIENCE};

#[derive(Debug, Clone)]
pub(super) struct Email {
    server: Hidden,
    from: String,
    to: Vec<String>,
}

/// An e-mail, and the server that takes it.
pub(crate) struct Mail {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    mail: lettre::Message,
}

impl Email {
    pub(super) fn configured(settings: &Notifications) -> Option<Self> {
        let Notifications { smtp_url, email_from, email_to, .. } = settings;
        let to = (!email_to.is_empty()).then(|| email_to.clone())?;
        Some(Self { server: smtp_url.clone()?, from: email_from.clone()?, to })
    }

    pub(super) fn mail(&self, message: &Message) -> Result<Mail, DeliveryError> {
        let wrong = |what| move |_| DeliveryError::Setting(what);
        let from: Mailbox = self.from.parse().map_err(wrong("NOTIFY_EMAIL_FROM is no address"))?;
        let mut builder = MessageBuilder::new().from(from);
        for to in &self.to {
            let to: Mailbox = to.parse().map_err(wrong("NOTIFY_EMAIL_TO holds no address"))?;
            builder = builder.to(to);
        }
        let mail = builder
            .subject(format!("[gemini-balance] {}", message.title))
            .header(ContentType::TEXT_PLAIN)
            .body(message.text.clone())
            .map_err(|error| DeliveryError::Mail(error.to_string()))?;
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(self.server.expose())
            .map_err(|_| DeliveryError::Setting("NOTIFY_SMTP_URL cannot be used"))?
            .timeout(Some(PATIENCE))
            .build();
        Ok(Mail { transport, mail })
    }
}

impl Mail {
    pub(crate) async fn send(&self) -> Result<(), DeliveryError> {
        match self.transport.send(self.mail.clone()).await {
            Ok(_) => Ok(()),
            Err(error) if error.is_permanent() => Err(DeliveryError::Mail(error.to_string())),
            Err(error) => Err(DeliveryError::Unreachable(error.to_string())),
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
    use tokio::net::TcpListener;

    use super::*;
    use crate::channel::fixture::{message, settings};

    fn email(server: &str, from: &str) -> Email {
        let settings = settings(&[
            ("NOTIFY_SMTP_URL", server),
            ("NOTIFY_EMAIL_FROM", from),
            ("NOTIFY_EMAIL_TO", "owner@example.com, other@example.com"),
        ]);
        Email::configured(&settings).unwrap()
    }

    /// A mail server for one mail; gives the lines that it was told.
    async fn serve(listener: TcpListener) -> Vec<String> {
        let (stream, _) = listener.accept().await.unwrap();
        let (read, mut write) = stream.into_split();
        let mut lines = BufReader::new(read).lines();
        let (mut heard, mut is_data) = (Vec::new(), false);
        write.write_all(b"220 ready\r\n").await.unwrap();
        while let Some(line) = lines.next_line().await.unwrap() {
            let is_end = is_data && line == ".";
            let answer = match line.as_str() {
                _ if is_data && !is_end => "",
                "DATA" => "354 go on\r\n",
                "QUIT" => "221 bye\r\n",
                _ => "250 ok\r\n",
            };
            is_data = (is_data && !is_end) || line == "DATA";
            heard.push(line);
            write.write_all(answer.as_bytes()).await.unwrap();
            if is_end {
                break;
            }
        }
        heard
    }

    #[tokio::test]
    async fn a_mail_arrives_at_everybody() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = format!("smtp://{}", listener.local_addr().unwrap());
        let heard = tokio::spawn(serve(listener));
        let mail = email(&server, "Gateway <gateway@example.com>").mail(&message()).unwrap();
        mail.send().await.unwrap();
        let heard = heard.await.unwrap().join("\n");
        for expected in [
            "MAIL FROM:<gateway@example.com>",
            "RCPT TO:<owner@example.com>",
            "RCPT TO:<other@example.com>",
            "Subject: [gemini-balance] This is a test",
            "Notifications of this gateway arrive here.",
        ] {
            assert!(heard.contains(expected), "{expected} is not in {heard}");
        }
    }

    #[tokio::test]
    async fn a_wrong_address_is_named() {
        let error = email("smtp://127.0.0.1:9", "nobody").mail(&message()).err().unwrap();
        assert_eq!(error.to_string(), "NOTIFY_EMAIL_FROM is no address");
        let mail =
            email("smtp://user:canary@127.0.0.1:9", "a@example.com").mail(&message()).unwrap();
        let error = mail.send().await.unwrap_err();
        assert!(matches!(error, DeliveryError::Unreachable(_)), "{error}");
        assert!(!error.to_string().contains("canary"), "{error}");
    }
}
