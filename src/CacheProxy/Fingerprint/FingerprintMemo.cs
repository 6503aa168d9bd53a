using System.Collections.Concurrent;
using System.IO.Hashing;
using System.Security.Cryptography;
using CacheProxy.Exchange;
using CacheProxy.Exchange.Policies;

namespace CacheProxy.Fingerprint;

/// <summary>
/// Recognises a body that was fingerprinted before by its very bytes, in the same dialect, scope and namespace, and skips parsing it. Bounded by
/// bytes; what was not asked for since the last round leaves first. A hash only finds the place: the bytes are always compared.
/// </summary>
/// <remarks>
/// A body is kept from its second coming on: most misses are never asked again, and each would leave a copy that lives long enough to cost the
/// garbage collector more than parsing it once more costs here.
/// </remarks>
public sealed class FingerprintMemo(INamespaceEpochs epochs)
{
    // What an element takes beside its body: node, queue slot, facts, dictionary slot.
    private const int OverheadBytes = 400;

    // 128 KB. Two bodies that take turns in one slot are only parsed each time.
    private const int Places = 16 * 1024;

    private readonly ulong[] _seen = new ulong[Places];
    private readonly ConcurrentDictionary<ulong, Element> _elements = new();
    private readonly ConcurrentQueue<Element> _order = new();
    private readonly long _seed = BitConverter.ToInt64(RandomNumberGenerator.GetBytes(8));
    private long _sizeBytes;

    public long SizeBytes => Interlocked.Read(ref _sizeBytes);

    /// <remarks>Nor is what was remembered under another epoch of its namespace.</remarks>
    /// <param name="options">What was remembered under other options is not found: some of them are part of the fingerprint.</param>
    public FingerprintedRequest? Find(ExchangeFeature exchange, ExactOptions options, out ulong place)
    {
        ReadOnlySpan<byte> body = exchange.Body.Span;
        place = XxHash3.HashToUInt64(body, _seed) ^ (uint)exchange.Scope.Hash.GetHashCode();
        if (_elements.TryGetValue(place, out Element? element)
            && ReferenceEquals(element.Options, options)
            && ReferenceEquals(element.Scope, exchange.Scope)
            && element.Dialect == exchange.Dialect
            && element.Namespace == exchange.Namespace
            && element.Variant == exchange.Variant
            && !element.Request.Route.IsRetired
            && element.Request.Epoch == epochs.Of(exchange.Namespace)
            && body.SequenceEqual(element.Body))
        {
            element.WasAsked = true;
            return element.Request;
        }

        return null;
    }

    /// <summary>Keeps the body, unless this is the first that is seen of it.</summary>
    /// <param name="place">As <see cref="Find"/> gave it.</param>
    public void Remember(ExchangeFeature exchange, ExactOptions options, ulong place, FingerprintedRequest request)
    {
        long limit = (long)options.BodyMemoMegabytes << 20;
        int size = exchange.Body.Length + OverheadBytes;
        // One body may not drive out half of what is known.
        if (size > limit / 2 || IsFirst(place))
        {
            return;
        }

        var element = new Element(place, options, exchange, exchange.Body.ToArray(), request);
        _elements[place] = element;
        _order.Enqueue(element);
        Interlocked.Add(ref _sizeBytes, size);
        while (SizeBytes > limit && _order.TryDequeue(out Element? oldest))
        {
            Retire(oldest);
        }
    }

    private bool IsFirst(ulong place)
    {
        ref ulong seen = ref _seen[place % Places];
        if (Volatile.Read(ref seen) == place)
        {
            return false;
        }

        Volatile.Write(ref seen, place);
        return true;
    }

    private void Retire(Element oldest)
    {
        bool isCurrent = _elements.TryGetValue(oldest.Place, out Element? current) && ReferenceEquals(current, oldest);
        if (isCurrent && oldest.WasAsked)
        {
            oldest.WasAsked = false;
            _order.Enqueue(oldest);
            return;
        }

        if (isCurrent)
        {
            _elements.TryRemove(KeyValuePair.Create(oldest.Place, oldest));
        }

        Interlocked.Add(ref _sizeBytes, -(oldest.Body.Length + OverheadBytes));
    }

    private sealed class Element(ulong place, ExactOptions options, ExchangeFeature exchange, byte[] body, FingerprintedRequest request)
    {
        public ulong Place => place;

        public ExactOptions Options => options;

        public Dialect Dialect { get; } = exchange.Dialect;

        public Scope Scope { get; } = exchange.Scope;

        public string Namespace { get; } = exchange.Namespace;

        public string Variant { get; } = exchange.Variant;

        public byte[] Body => body;

        public FingerprintedRequest Request => request;

        public bool WasAsked { get; set; }
    }
}
