using System.Threading.Channels;
using CacheProxy.Inference.Generation;
using CacheProxy.Inference.Text;

namespace CacheProxy.Inference.Scheduling;

/// <summary>
/// The way from a sequence's tokens to its reader: bytes to characters, stop texts cut off, events written. The channel is
/// unbounded (its length is bounded by the tokens asked for), so a slow reader never holds up the engine.
/// </summary>
internal sealed class GenerationOutput(ChannelWriter<GenerationEvent> writer, IReadOnlyList<string> stops)
{
    private readonly IncrementalDetokenizer _detokenizer = new();
    private readonly StopTextMatcher _matcher = new(stops);

    public bool IsFinished { get; private set; }

    /// <summary>Adds a token's text.</summary>
    /// <param name="mayStop">Whether stop texts are looked for in it.</param>
    /// <returns>True when a stop text is complete.</returns>
    public bool Append(ReadOnlySpan<byte> bytes, TokenLogProb? logProb, bool mayStop)
    {
        ReadOnlySpan<char> piece = _detokenizer.Append(bytes);
        string text = mayStop ? _matcher.Append(piece) : piece.ToString();
        Write(text, logProb is null ? [] : [logProb]);
        return _matcher.Stopped;
    }

    /// <summary>Writes what was held back and the terminal event, then ends the channel. Later calls do nothing.</summary>
    public void Finish(FinishReason reason, GenerationUsage usage, string? error = null)
    {
        if (IsFinished)
        {
            return;
        }

        IsFinished = true;
        Write(_matcher.Append(_detokenizer.Complete()) + _matcher.Complete(), []);
        writer.TryWrite(new GenerationEvent.Finished(reason, usage, error));
        writer.TryComplete();
    }

    private void Write(string text, IReadOnlyList<TokenLogProb> tokens)
    {
        if (text.Length > 0 || tokens.Count > 0)
        {
            writer.TryWrite(new GenerationEvent.Delta(text, tokens));
        }
    }
}
