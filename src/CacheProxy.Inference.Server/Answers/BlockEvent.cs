using CacheProxy.Inference.Generation;

namespace CacheProxy.Inference.Server.Answers;

internal enum BlockStep
{
    Begin,
    Delta,
    End,
}

/// <summary>What <see cref="BlockReader"/> finds in an answer: a block begins, grows by a piece, or ends.</summary>
/// <param name="Tokens">Of a piece of text, where log probabilities were asked for.</param>
internal readonly record struct BlockEvent(BlockStep Step, AnswerBlock Block, string Piece, IReadOnlyList<TokenLogProb> Tokens);
