using System.Buffers;

namespace CacheProxy.Exchange;

/// <summary>The answer's bytes as the client gets them, kept while they pass.</summary>
public interface IAnswerCapture
{
    /// <summary>All bytes so far; complete once the pipeline has returned. Valid as long as the capture.</summary>
    ReadOnlySequence<byte> Bytes { get; }

    /// <summary>The answer was cut: the upstream broke off, or it outgrew what is kept.</summary>
    bool IsBroken { get; }

    /// <summary>Nothing that a client waits for is still to come.</summary>
    bool HasSentLastByte { get; }

    /// <summary>It is decided whether the answer becomes an entry: who waits for that goes on.</summary>
    void Settle();
}
