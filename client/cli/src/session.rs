//! Who responses: the API, or a mock in this process.

use clap::Args;
use cometapi::Client;
use cometapi_mock::Mock;

use crate::error::CliError;
use crate::output;

#[derive(Debug, Args)]
#[command(next_help_heading = "Options of all commands")]
pub struct Connection {
    /// Where the API is, in place of COMETAPI_BASE_URL
    #[arg(long, global = true, value_name = "URL")]
    base_url: Option<String>,
    /// Take all responses from a mock in this process, without a key
    #[arg(long, global = true)]
    mock: bool,
}

pub struct Connected {
    pub client: Client,
    /// It responds until it is dropped.
    _mock: Option<Mock>,
}

impl Connection {
    pub async fn open(self) -> Result<Connected, CliError> {
        // clap doesn't see a conflict between options before and after the subcommand.
        if self.mock && self.base_url.is_some() {
            let message = "--mock and --base-url exclude each other";
            return Err(CliError::Usage(message.to_owned()));
        }
        let builder = Client::builder().on_attempt(|attempt| {
            if let (Some(error), Some(pause)) = (attempt.error(), attempt.retry_in()) {
                output::note(&format!("{error}; again in {:.1} s", pause.as_secs_f32()));
            }
        });
        let builder = builder.on_deviation(|deviation| output::note(&deviation.to_string()));
        let (builder, mock) = if self.mock {
            let mock = Mock::start().await;
            let mock = mock.map_err(|problem| CliError::Unexpected(problem.to_string()))?;
            output::note("these are examples, from a mock in this process");
            (builder.base_url(mock.url()).api_key("mock"), Some(mock))
        } else {
            let builder = match self.base_url {
                Some(url) => builder.base_url(url),
                None => builder,
            };
            (builder.env_vars(), None)
        };
        Ok(Connected {
            client: builder.build()?,
            _mock: mock,
        })
    }
}
