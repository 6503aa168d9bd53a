using CacheProxy.Exchange;
using CacheProxy.Flight;

namespace CacheProxy.Embeddings;

/// <summary>One upstream call for some inputs, and all requests that wait for any of them. Inputs are added before it starts.</summary>
internal sealed class EmbeddingFlight(SharedAnswer answer)
{
    private readonly TaskCompletionSource<bool> _completed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<Fingerprint256> _fingerprints = [];
    private readonly List<int> _inputs = [];
    private CacheEntry?[] _entries = [];

    public SharedAnswer Answer => answer;

    /// <summary>Identities in the order in which they are sent.</summary>
    public IReadOnlyList<Fingerprint256> Fingerprints => _fingerprints;

    /// <summary>The places of the inputs in the request that leads.</summary>
    public IReadOnlyList<int> Inputs => _inputs;

    /// <summary>True: every input has its entry. False: the upstream failed, or its answer does not fit.</summary>
    public Task<bool> Completed => _completed.Task;

    /// <returns>The index under which its entry will be.</returns>
    public int Add(Fingerprint256 fingerprint, int input)
    {
        _fingerprints.Add(fingerprint);
        _inputs.Add(input);
        return _fingerprints.Count - 1;
    }

    public void RemoveLast()
    {
        _fingerprints.RemoveAt(_fingerprints.Count - 1);
        _inputs.RemoveAt(_inputs.Count - 1);
    }

    /// <summary>Only after <see cref="Completed"/> said true.</summary>
    public CacheEntry EntryOf(int index) => _entries[index]!;

    public void Succeed(CacheEntry[] entries)
    {
        _entries = entries;
        _completed.TrySetResult(true);
    }

    public void Fail() => _completed.TrySetResult(false);
}
