using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;
using CacheProxy.Exchange;
using CacheProxy.Exchange.Answers;

namespace CacheProxy.Ledger.Findings;

/// <summary>
/// The answers that became entries lately, each in the one place that its request's hash names, where the next one takes it: what was asked again after its TTL is
/// known as that though stores have thrown it away. 16,384 places of 40 bytes, hashes of texts and no texts; a restart forgets them. Any thread.
/// </summary>
internal sealed class RecentAnswers
{
    private const int Places = 16_384;

    // An answer's text is read out of its body for this: half a millisecond where it is a stream of 200 pieces. Half a hundredth of a core at most.
    private const int TextsPerSecond = 10;

    private readonly Lock _lock = new();
    private readonly Slot[] _slots = new Slot[Places];
    private long _second;
    private int _texts;

    /// <summary>The answer to the same request that was stored before and is too old now; null: none is remembered, or it went for another reason than its age.</summary>
    public RecentAnswer? FindExpired(ExchangeFeature exchange, DateTimeOffset now)
    {
        if (!exchange.Flags.AllowLookup)
        {
            return null;
        }

        UInt128 key = KeyOf(exchange);
        lock (_lock)
        {
            Slot slot = _slots[PlaceOf(key)];
            return slot.Key == key && now.ToUnixTimeSeconds() - slot.Answer.CreatedAt > slot.Answer.TtlSeconds ? slot.Answer : null;
        }
    }

    /// <summary>Remembers the entry that the request's answer became, if it did; what it said, of so many a second.</summary>
    public void Note(ExchangeFeature exchange, DateTimeOffset now)
    {
        if (exchange.Recorded is { } entry)
        {
            UInt128 key = KeyOf(exchange);
            var slot = new Slot(key, new RecentAnswer(entry.CreatedAt.ToUnixTimeSeconds(), entry.TtlSeconds, MayRead(now) ? TextOf(entry) : 0));
            lock (_lock)
            {
                _slots[PlaceOf(key)] = slot;
            }
        }
    }

    public void Clear()
    {
        lock (_lock)
        {
            Array.Clear(_slots);
        }
    }

    private bool MayRead(DateTimeOffset now)
    {
        long second = now.ToUnixTimeSeconds();
        lock (_lock)
        {
            if (second != _second)
            {
                (_second, _texts) = (second, 0);
            }

            return _texts++ < TextsPerSecond;
        }
    }

    /// <summary>Hash of what an entry says, tool calls too; 0: nothing.</summary>
    public static long TextOf(CacheEntry entry)
    {
        var hash = new XxHash3();
        bool hasText = false;
        foreach (AnswerEvent item in entry.Answer.Events)
        {
            (string? first, string? second) = item switch
            {
                AnswerEvent.TextDelta delta => (delta.Text, null),
                AnswerEvent.ToolCallDelta call => (call.Name, call.Arguments),
                _ => (null, null),
            };
            hasText |= Append(hash, first) | Append(hash, second);
        }

        // A text whose hash is 0 goes without comparison.
        return hasText ? (long)hash.GetCurrentHashAsUInt64() : 0;
    }

    // By what is said and not by how it was cut into pieces: a stream's and a whole one's are the same.
    private static bool Append(XxHash3 hash, string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return false;
        }

        hash.Append(System.Runtime.InteropServices.MemoryMarshal.AsBytes(text.AsSpan()));
        return true;
    }

    private static UInt128 KeyOf(ExchangeFeature exchange)
    {
        var hash = new XxHash128();
        Span<byte> bytes = stackalloc byte[Fingerprint256.SizeBytes];
        exchange.Fingerprint.CopyTo(bytes);
        hash.Append(bytes);
        exchange.Scope.Hash.CopyTo(bytes);
        hash.Append(bytes);
        hash.Append(Encoding.UTF8.GetBytes(exchange.Namespace));
        hash.GetCurrentHash(bytes);
        return BinaryPrimitives.ReadUInt128LittleEndian(bytes);
    }

    private static int PlaceOf(UInt128 key) => (int)((uint)key & (Places - 1));

    private readonly record struct Slot(UInt128 Key, RecentAnswer Answer);
}
