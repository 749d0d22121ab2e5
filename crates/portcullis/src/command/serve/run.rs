//! The running gateway: from ready to the last signal.

use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use gateway::{Running, Scheme};
use identity::Authority;
use sd_notify::NotifyState;
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::{Serve, first_start};
use crate::assemble::{self, Installed};
use crate::config::Config;
use crate::control::ControlServer;
use crate::data_dir::DataDir;
use crate::exit::Outcome;
use crate::logging;

/// Runs until a signal ends it.
pub async fn run(serve: &Serve, data_dir: &DataDir, config: &Config) -> Outcome {
    let mut signals = Signals::new()?;
    let installed = assemble::open(data_dir, config).await?;
    let authority = Arc::clone(&installed.authority);
    assemble::ensure_certificate(data_dir, config, authority.world.clock.as_ref())?;
    let source = first_start::Source { file: serve.admin_password_file.as_deref(), environment: None };
    first_start::ensure_administrator(&authority, source).await?;
    warn_of_plain_http(config);
    warn_of_what_is_not_good(config);
    let running = installed.listen()?;
    let control = ControlServer::start(data_dir.path(), Arc::clone(&authority))
        .context("cannot listen on the control socket")?;
    let sweeper = tokio::spawn(sweep(Arc::clone(&authority), config.session.sweep_interval));
    say_ready(&running.addresses())?;
    while let Next::Reload = signals.next().await {
        reload(serve, data_dir, config, &installed, &running);
    }
    tracing::info!("stopping");
    let _ = sd_notify::notify(&[NotifyState::Stopping]);
    drop(control);
    tokio::select! {
        () = running.drain() => {}
        () = signals.stop() => tracing::warn!("stopping at once"),
    }
    sweeper.abort();
    installed.close().await?;
    Ok(())
}

enum Next {
    Reload,
    Stop,
}

struct Signals {
    hangup: Signal,
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Self {
            hangup: signal(SignalKind::hangup())?,
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    async fn next(&mut self) -> Next {
        tokio::select! {
            _ = self.hangup.recv() => Next::Reload,
            _ = self.terminate.recv() => Next::Stop,
            _ = self.interrupt.recv() => Next::Stop,
        }
    }

    async fn stop(&mut self) {
        while let Next::Reload = self.next().await {}
    }
}

fn say_ready(addresses: &[(Scheme, SocketAddr)]) -> Outcome {
    let mut out = io::stdout().lock();
    for (scheme, address) in addresses {
        let scheme = match scheme {
            Scheme::Https => "https",
            Scheme::Http => "http",
        };
        writeln!(out, "listening on {scheme}://{address}")?;
    }
    out.flush()?;
    // Without a service manager there is nobody to tell.
    let _ = sd_notify::notify(&[NotifyState::Ready]);
    Ok(())
}

/// Takes a new configuration, whole or not at all.
fn reload(serve: &Serve, data_dir: &DataDir, started: &Config, installed: &Installed, running: &Running) {
    // The log file may have been moved away, whatever the configuration is like.
    let config = match serve.configuration() {
        Ok(config) => config,
        Err(stop) => {
            for line in format!("{:#}", stop.error).lines() {
                tracing::error!("the configuration stays as it was: {line}");
            }
            installed.audit.reopen(assemble::audit_target(data_dir, started));
            return;
        }
    };
    installed.audit.reopen(assemble::audit_target(data_dir, &config));
    if let Err(error) = reload_gateway(data_dir, &config, installed, running) {
        tracing::error!("the configuration stays as it was: {error:#}");
        return;
    }
    logging::change(&config.log);
    warn_of_what_needs_a_restart(started, &config);
    warn_of_what_is_not_good(&config);
    tracing::info!("the configuration was read again");
}

fn reload_gateway(
    data_dir: &DataDir,
    config: &Config,
    installed: &Installed,
    running: &Running,
) -> anyhow::Result<()> {
    assemble::ensure_certificate(data_dir, config, installed.authority.world.clock.as_ref())?;
    running.reload(&assemble::gateway_config(data_dir, config))?;
    Ok(())
}

fn warn_of_what_needs_a_restart(started: &Config, config: &Config) {
    let (old, new) = (&started.limits, &config.limits);
    let changed = [
        ("[listen] https, http, threads, node", {
            let (old, new) = (&started.listen, &config.listen);
            (&old.https, &old.http, old.threads, &old.node) != (&new.https, &new.http, new.threads, &new.node)
        }),
        ("[passwords]", started.passwords != config.passwords),
        ("[session]", started.session != config.session),
        ("[token]", started.token != config.token),
        ("[oauth]", started.oauth != config.oauth),
        ("[catalyst]", started.catalyst != config.catalyst),
        ("[limits] failure…", old.attempts != new.attempts),
        ("[limits] password…", {
            (old.password_checks_max, old.password_queue_max, old.password_verdict)
                != (new.password_checks_max, new.password_queue_max, new.password_verdict)
        }),
        ("[vault]", started.vault != config.vault),
        ("[log] format", started.log.format != config.log.format),
    ];
    for (what, _) in changed.iter().filter(|(_, is_changed)| *is_changed) {
        tracing::warn!("{what} has changed: this needs a restart to take effect");
    }
}

fn warn_of_what_is_not_good(config: &Config) {
    for warning in &config.warnings {
        tracing::warn!("{warning}");
    }
}

fn warn_of_plain_http(config: &Config) {
    for address in config.listen.http.iter().flatten().filter(|address| !address.ip().is_loopback()) {
        tracing::warn!(%address, "plain http on an address that others can reach: passwords travel in clear");
    }
}

/// Removes what is over, for as long as the gateway runs.
async fn sweep(authority: Arc<Authority>, interval: Duration) {
    let mut ticks = tokio::time::interval(interval);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    ticks.tick().await;
    loop {
        ticks.tick().await;
        match authority.store.sweep(authority.world.clock.now()).await {
            Ok(0) => {}
            Ok(count) => tracing::debug!(count, "sessions that were over are removed"),
            Err(fault) => tracing::error!("cannot remove what is over: {:#}", anyhow::Error::new(fault)),
        }
    }
}
