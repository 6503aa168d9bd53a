using System.Runtime.CompilerServices;
using CacheProxy.Exchange;
using CacheProxy.Tenancy;

namespace CacheProxy.Ledger;

/// <summary>
/// The rows of exact hits that come again within a minute: with the entry, the sender and the settings the same, all that a row says but its times is the same too, and
/// neither has a price to be looked up nor a name to be made. Any thread; two that are put in one place at the same time cost a row made the long way.
/// </summary>
public sealed class RepeatedHits(Prices.RequestCosts costs, TenantNames tenants)
{
    // A power of two: so many are hot at a time.
    private const int Places = 4096;

    private readonly Repeated?[] _places = new Repeated?[Places];
    private readonly long[] _seen = new long[Places];

    /// <summary>Null: its row is to be made, and then given to <see cref="Note"/>.</summary>
    public RepeatedRow? Find(ExchangeFeature exchange, DateTimeOffset time, double totalSeconds)
    {
        Repeated? repeated = Volatile.Read(ref _places[PlaceOf(exchange)]);
        return repeated is not null && repeated.Settings == Settings() && repeated.Fits(exchange, MinuteOf(time), totalSeconds) ? repeated.Row : null;
    }

    /// <summary>Only the second of a minute is worth remembering: most entries are not asked for twice in one.</summary>
    public void Note(ExchangeFeature exchange, in LedgerRow row, SettingsMark settings)
    {
        if (row.MissSeconds >= 0 && row.MissSeconds != exchange.Answered!.MissDurationSeconds)
        {
            // It took longer itself: only its own row can say that.
            return;
        }

        int place = PlaceOf(exchange);
        long mark = (MinuteOf(row.Time) << 32) | (uint)RuntimeHelpers.GetHashCode(exchange.Answered);
        if (Interlocked.Exchange(ref _seen[place], mark) == mark)
        {
            Volatile.Write(ref _places[place], new Repeated(exchange, row, settings));
        }
    }

    /// <summary>What has to be the same still: taken before a row is made of it.</summary>
    public SettingsMark Settings() => new(costs.Version, tenants.Version);

    /// <summary>Whether nothing but its entry makes the row.</summary>
    public static bool IsPlain(ExchangeFeature exchange, int status)
        => exchange is { Outcome: CacheOutcome.Exact, Flight: null, Served: null, NearMiss: null, PrefixId: null, Spared: null, OwnWorkSeconds: 0, FirstByteTimestamp: not 0, Answered: not null }
            && exchange.RepliedAt != default
            && status == StatusCodes.Status200OK;

    private static int PlaceOf(ExchangeFeature exchange)
        => (RuntimeHelpers.GetHashCode(exchange.Answered) ^ exchange.Sender.GetHashCode() ^ (exchange.Facts.User?.GetHashCode(StringComparison.Ordinal) ?? 0)) & (Places - 1);

    private static long MinuteOf(DateTimeOffset time) => time.UtcTicks / TimeSpan.TicksPerMinute;

    /// <summary>Objects that are replaced whole when the settings change.</summary>
    public readonly record struct SettingsMark(object Prices, object Tenants);

    private sealed class Repeated(ExchangeFeature exchange, in LedgerRow row, SettingsMark settings)
    {
        // Does not keep the answer's bytes when the cache has dropped them.
        private readonly WeakReference<CacheEntry> _entry = new(exchange.Answered!);
        private readonly long _minute = MinuteOf(row.Time);
        private readonly double _missSeconds = row.MissSeconds;
        private readonly Fingerprint256 _sender = exchange.Sender;
        private readonly string _model = exchange.Facts.Model;
        private readonly string? _user = exchange.Facts.User;
        private readonly string _namespace = exchange.Namespace;
        private readonly Dialect _dialect = exchange.Dialect;
        private readonly object? _route = exchange.Route;
        private readonly BypassReason _reason = exchange.Flags.Reason;
        private readonly int _requestBytes = exchange.Body.Length;
        private readonly long _answerBytes = exchange.AnswerBytes;

        public SettingsMark Settings => settings;

        public RepeatedRow Row { get; } = new(row);

        public bool Fits(ExchangeFeature other, long minute, double totalSeconds)
            => minute == _minute
                && _entry.TryGetTarget(out CacheEntry? entry) && ReferenceEquals(entry, other.Answered)
                && (_missSeconds < 0 || totalSeconds <= _missSeconds)
                && other.Body.Length == _requestBytes
                && other.AnswerBytes == _answerBytes
                && other.Dialect == _dialect
                && other.Flags.Reason == _reason
                && ReferenceEquals(other.Route, _route)
                && other.Sender.Equals(_sender)
                && other.Facts.Model == _model
                && other.Facts.User == _user
                && other.Namespace == _namespace;
    }
}
