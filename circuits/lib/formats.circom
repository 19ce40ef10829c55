// SPDX-License-Identifier: GPL-3.0-or-later
pragma circom 2.2.0;

// Numbers of src/FORMATS.md and circuits/params.json that the circuits use by name. The circuit tests hold them against params.json.

function OP_DEPOSIT() { return 1; }
function OP_FULL_EXIT() { return 2; }
function OP_WITHDRAW() { return 3; }
function OP_OPEN() { return 4; }
function OP_TRANSFER() { return 5; }
function OP_CHANGE_KEY() { return 6; }
function OP_COLLECT_FEES() { return 7; }
function OP_TRANSFER_TO_NEW() { return 8; }
function OP_OPEN_POOL() { return 9; }
function OP_SWAP_IN() { return 10; }
function OP_SWAP_OUT() { return 11; }
function OP_ADD_LIQUIDITY() { return 12; }
function OP_ADD_LIQUIDITY_PEER() { return 13; }
function OP_REMOVE_LIQUIDITY() { return 14; }
function OP_REMOVE_LIQUIDITY_PEER() { return 15; }
function OP_CREDIT() { return 16; }

function LEAF_ACCOUNT() { return 1; }
function LEAF_POOL() { return 2; }

function BITS_CHAIN_INDEX() { return 8; }
function BITS_LEAF_INDEX() { return 24; }
function BITS_OWNER() { return 160; }
function BITS_TOKEN() { return 32; }
function BITS_NONCE() { return 32; }
function BITS_BALANCE() { return 128; }
function BITS_BLOCK_NUMBER() { return 32; }
function BITS_TIMESTAMP() { return 40; }
function BITS_WORD_COUNT() { return 16; }
function BITS_FLOAT_MANTISSA() { return 35; }
function BITS_FLOAT_EXPONENT() { return 5; }
function BITS_FEE_MANTISSA() { return 11; }
function BITS_FEE_EXPONENT() { return 5; }
function BITS_RESERVE() { return 112; }

function LOCKED_SHARES() { return 1000; }
function SHARE_TOKENS() { return 2147483648; }
function SWAP_FEE_KEPT() { return 997; }
function SWAP_FEE_OF() { return 1000; }

function TAG_SEGMENT_ONCHAIN() { return 1; }
function TAG_SEGMENT_L2() { return 2; }
function TAG_JOIN() { return 3; }

function SPONGE_RATE() { return 16; }
