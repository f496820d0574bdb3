//! The rendezvous of the two nodes: the listener puts its multiaddr into a list in Redis, and the dialer takes it.

use redis::aio::MultiplexedConnection;
use redis::{AsyncCommands, AsyncConnectionConfig, Client, RedisError};

use crate::errors::{Failure, Status, causes};
use crate::settings::Settings;

pub struct Rendezvous {
    pub source: String,
    redis: (String, u16),
    key: String,
}

impl Rendezvous {
    pub fn new(settings: &Settings) -> Self {
        let (host, port) = &settings.redis;
        let host = if host.contains(':') { format!("[{host}]") } else { host.clone() };
        let key = format!("{}_listener_multiaddr", settings.key);
        Self { source: format!("Redis at {host}:{port}, key {key}"), redis: settings.redis.clone(), key }
    }

    /// Replace the list that the dialer reads by a list with this address.
    pub async fn announce(&self, address: &str) -> Result<(), Failure> {
        let announce = async {
            let mut redis = self.connect().await?;
            let () = redis.del(&self.key).await?;
            redis.rpush(&self.key, address).await
        };
        announce.await.map_err(|error| self.failure(&error))
    }

    /// Wait for the listener's address and return the address.
    pub async fn take(&self) -> Result<String, Failure> {
        let take = async {
            let (_, address): (String, Vec<u8>) = self.connect().await?.blpop(&self.key, 0.0).await?;
            Ok(String::from_utf8_lossy(&address).into_owned())
        };
        take.await.map_err(|error: RedisError| self.failure(&error))
    }

    /// Connect without the time limits of the client, because the test has its own time limit.
    async fn connect(&self) -> Result<MultiplexedConnection, RedisError> {
        let unlimited = AsyncConnectionConfig::new().set_connection_timeout(None).set_response_timeout(None);
        Client::open(self.redis.clone())?.get_multiplexed_async_connection_with_config(&unlimited).await
    }

    fn failure(&self, error: &RedisError) -> Failure {
        let line = format!("{}: expected a Redis that accepts our commands, found: {}", self.source, causes(error));
        Failure::new(Status::Rendezvous, line)
    }
}
