using CacheProxy.Inference.Graph;

namespace CacheProxy.Inference.Execution;

/// <summary>
/// Which cached tokens are read again: the first <paramref name="Sinks"/> and the last <paramref name="Window"/>, the token itself
/// included. What lies between is read by no later token, so its blocks can be given up.
/// </summary>
/// <param name="Sinks">Tokens at the start, whole blocks.</param>
/// <param name="Window">Tokens at the end; 0: every token is read.</param>
public readonly record struct KvRetention(int Sinks, int Window)
{
    public bool IsBounded => Window > 0;

    /// <summary>The first token behind the sinks that the token at <paramref name="position"/> reads.</summary>
    public int FirstToken(int position) => IsBounded ? Math.Max(Sinks, position + 1 - Window) : 0;

    /// <summary>Whether a token at <paramref name="position"/> or later reads this block.</summary>
    public bool Reads(int block, int position, int blockSize) =>
        block * blockSize < Sinks || (block + 1) * blockSize > FirstToken(position);

    /// <summary>What one layer reads.</summary>
    internal static KvRetention Of(AttentionShape shape, ContextEviction? eviction) => (eviction, shape.Window) switch
    {
        (null, _) => new KvRetention(0, shape.Window),
        (_, 0) => new KvRetention(eviction.Sinks, eviction.Window),
        _ => new KvRetention(0, Math.Min(shape.Window, eviction.Window)),
    };

    /// <summary>What any of the layers reads.</summary>
    internal static KvRetention Of(IEnumerable<KvRetention> layers) => layers.Aggregate((a, b) => a.IsBounded && b.IsBounded
        ? new KvRetention(Math.Max(a.Sinks, b.Sinks), Math.Max(a.Window, b.Window))
        : default);
}
