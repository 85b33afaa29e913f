//! One connection's life.

use super::{
    lane::{Broken, Lane, Way},
    wire::{Open, Waiting, Wire},
};
use std::{io, sync::Arc};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

/// What a client is told whose request is blocked.
const REFUSAL: &[u8] = b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";

pub(super) async fn accept(listener: TcpListener, wire: Arc<Wire>) {
    // Owns the connections: aborting this task drops them.
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                if let Ok((client, _)) = accepted {
                    // Counted before its task first runs, so that no cut can miss it.
                    connections.spawn(carry(client, Open::count(&wire)));
                }
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn carry(mut client: TcpStream, open: Open) {
    let (wire, number) = (Arc::clone(&open.wire), open.number);
    let mut server = None;
    let (mut cut, mut ended) = (wire.faults.subscribe(), wire.faults.subscribe());
    tokio::select! {
        biased;
        // Closed by the drop of both streams.
        _ = cut.wait_for(|faults| faults.is_cut) => return,
        _ = ended.wait_for(|faults| faults.ended_to >= number) => {}
        () = live(&mut client, &mut server, &wire, number) => return,
    }
    drop((client, open));
    let mut answered = wire.answered.subscribe();
    tokio::select! {
        _ = cut.wait_for(|faults| faults.is_cut) => {}
        _ = answered.wait_for(|newest| *newest > number) => {}
        () = vanish(server.as_mut()) => {}
    }
}

/// Forwards until one of both ends is gone, or the connection is forgotten: then until the client gives it up.
async fn live(client: &mut TcpStream, server: &mut Option<TcpStream>, wire: &Wire, number: u64) {
    let mut forgotten = wire.faults.subscribe();
    tokio::select! {
        biased;
        _ = forgotten.wait_for(|faults| faults.forgotten_to >= number) => {}
        () = forward(client, server, wire, number) => return,
    }
    let lost = async {
        vanish(server.as_mut()).await;
        // The client is not told.
        std::future::pending::<()>().await;
    };
    tokio::select! {
        () = vanish(Some(client)) => {}
        () = lost => {}
    }
}

/// Takes what comes, for nobody, until the end of it.
async fn vanish(stream: Option<&mut TcpStream>) {
    let Some(stream) = stream else { return };
    let mut buffer = vec![0; 16 * 1024];
    while let Ok(1..) = stream.read(&mut buffer).await {}
}

async fn forward(client: &mut TcpStream, server: &mut Option<TcpStream>, wire: &Wire, number: u64) {
    let Ok(connected) = connect(wire, number).await else {
        return;
    };
    let server = server.insert(connected);
    // Frames are small and their time matters.
    let _ = (client.set_nodelay(true), server.set_nodelay(true));
    let (from_client, mut to_client) = client.split();
    let (from_server, mut to_server) = server.split();
    let lane = |way| Lane::new(wire, number, way);
    let ended =
        tokio::try_join!(lane(Way::ToServer).carry(from_client, &mut to_server), lane(Way::ToClient).carry(from_server, &mut to_client));
    match ended {
        Ok(_) | Err(Broken::Blocked) => {}
        Err(Broken::Refused) => {
            let _ = to_client.write_all(REFUSAL).await;
        }
        Err(Broken::Reset) => {
            let _ = client.set_zero_linger();
        }
    }
}

/// Goes through the door, when it is open: who came last is the first one.
async fn connect(wire: &Wire, number: u64) -> io::Result<TcpStream> {
    let mut faults = wire.faults.subscribe();
    let waiting = faults.borrow().is_door_shut.then(|| Waiting::count(wire, number));
    // The senders live as long as the connections do.
    let _ = faults.wait_for(|faults| !faults.is_door_shut && faults.moves(number)).await;
    if let Some(waiting) = &waiting {
        let mut queue = waiting.wire.waiting.subscribe();
        let _ = queue.wait_for(|queue| queue.last() == Some(&number)).await;
    }
    let target = *wire.target.borrow();
    TcpStream::connect(target).await
}
