//! Listening and answering until the shop stops.

use super::Tls;
use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use std::io;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// What runs for a shop: its listener, and its worker. Dropped, both end.
pub struct Serving {
    stop: watch::Sender<bool>,
    listener: Option<JoinHandle<()>>,
    worker: Option<JoinHandle<()>>,
}

impl Serving {
    /// Answers what comes over the listener, and lets a worker run beside it.
    pub fn start<A, F, W>(listener: TcpListener, tls: Option<Tls>, answer: A, worker: W) -> Self
    where
        A: Fn(Request<Incoming>) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = io::Result<Response<Full<Bytes>>>> + Send + 'static,
        W: Future<Output = ()> + Send + 'static,
    {
        let (stop, stopped) = watch::channel(false);
        Self {
            stop,
            listener: Some(tokio::spawn(listen(listener, tls, answer, stopped))),
            worker: Some(tokio::spawn(worker)),
        }
    }

    /// Stops listening, drops open connections and waits for both.
    pub async fn shutdown(mut self) {
        let _ = self.stop.send(true);
        if let Some(worker) = self.worker.take() {
            worker.abort();
            let _ = worker.await;
        }
        if let Some(listener) = self.listener.take() {
            let _ = listener.await;
        }
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.stop.send(true);
        for task in [&self.listener, &self.worker].into_iter().flatten() {
            task.abort();
        }
    }
}

async fn listen<A, F>(listener: TcpListener, tls: Option<Tls>, answer: A, mut stopped: watch::Receiver<bool>)
where
    A: Fn(Request<Incoming>) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = io::Result<Response<Full<Bytes>>>> + Send + 'static,
{
    loop {
        let stream = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                Err(_) => continue,
            },
            _ = stopped.changed() => return,
        };
        let _ = stream.set_nodelay(true);
        let (answer, stopped) = (answer.clone(), stopped.clone());
        match &tls {
            None => {
                tokio::spawn(talk(stream, answer, stopped));
            }
            Some(tls) => {
                let acceptor = tls.acceptor.clone();
                tokio::spawn(async move {
                    if let Ok(stream) = acceptor.accept(stream).await {
                        talk(stream, answer, stopped).await;
                    }
                });
            }
        }
    }
}

async fn talk<S, A, F>(stream: S, answer: A, mut stopped: watch::Receiver<bool>)
where
    S: AsyncRead + AsyncWrite + Unpin,
    A: Fn(Request<Incoming>) -> F,
    F: Future<Output = io::Result<Response<Full<Bytes>>>>,
{
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .serve_connection(TokioIo::new(stream), service_fn(answer));
    tokio::select! {
        _ = connection => {}
        _ = stopped.changed() => {}
    }
}
