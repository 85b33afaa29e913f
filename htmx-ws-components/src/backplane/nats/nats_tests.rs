//! What a network and an operator do to the engine.

use super::server::Server;
use crate::backplane::contract;

contract::suite!(Server);
