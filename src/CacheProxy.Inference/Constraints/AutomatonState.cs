namespace CacheProxy.Inference.Constraints;

/// <summary>
/// Everything that a text so far may be: the frames, each at a node that reads a byte, ordered by number. The same set is
/// the same object, so what is learnt about it (where bytes lead, which tokens fit) is learnt once.
/// </summary>
internal sealed class AutomatonState(Frame[] frames, bool isAccepting, int classCount)
{
    private readonly AutomatonState?[] _next = frames.Length == 0 ? [] : new AutomatonState?[classCount];

    public Frame[] Frames { get; } = frames;

    /// <summary>The text may end here.</summary>
    public bool IsAccepting { get; } = isAccepting;

    /// <summary>No byte can follow.</summary>
    public bool IsFinal => Frames.Length == 0;

    /// <summary>Nothing can follow and nothing has come to an end: this is no beginning of any text.</summary>
    public bool IsDead => IsFinal && !IsAccepting;

    /// <summary>Tokens that may follow, once known.</summary>
    public uint[]? Mask { get; set; }

    public ref AutomatonState? Next(int byteClass) => ref _next[byteClass];
}
