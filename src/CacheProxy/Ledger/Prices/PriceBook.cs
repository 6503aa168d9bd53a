using System.Collections.Concurrent;
using CacheProxy.Exchange.Routes;
using Microsoft.Extensions.Options;

namespace CacheProxy.Ledger.Prices;

/// <summary>
/// Prices of one's own first, then, for what is sold by the token, the table's. What a machine of one's own answers has no price by the token unless one
/// is set. A model that neither knows has none: told once, and counted by whoever wanted to know.
/// </summary>
public sealed partial class PriceBook : IPriceBook, IDisposable
{
    // A client that makes names up must not make this grow: beyond it such names are looked up each time.
    private const int MostRemembered = 4096;

    private readonly PriceTable _table;
    private readonly ILogger _logger;
    private readonly ConcurrentDictionary<string, bool> _told = new();
    private readonly IDisposable? _subscription;
    private volatile Remembered _remembered;

    public PriceBook(PriceFile? file, IOptionsMonitor<LedgerOptions> options, ILogger<PriceBook> logger)
    {
        _table = file is null ? PriceTable.Empty : new PriceTable(file);
        _logger = logger;
        if (file is null)
        {
            Log.NoTable(logger, PriceFile.FileName);
        }

        _remembered = new Remembered(options.CurrentValue.Prices);
        _subscription = options.OnChange(changed => _remembered = new Remembered(changed.Prices));
    }

    /// <summary>Models that no price was found for.</summary>
    public int UnknownModels => _told.Count;

    public object Version => _remembered;

    public ModelPrice? Find(string model, string? upstreamKind, DateTimeOffset at) => Find(new Question(model, null, upstreamKind), at);

    public ModelPrice? FindFor(string model, UpstreamTarget upstream, DateTimeOffset at) => Find(new Question(model, upstream.Name, upstream.Kind), at);

    public void Dispose() => _subscription?.Dispose();

    /// <summary>Says once for each model that nobody knows its price.</summary>
    public void TellUnknown(string model)
    {
        if (_told.Count < MostRemembered && !_told.ContainsKey(model) && _told.TryAdd(model, true))
        {
            Log.Unknown(_logger, model);
        }
    }

    private ModelPrice? Find(Question question, DateTimeOffset at)
    {
        Remembered remembered = _remembered;
        if (remembered.Answers.TryGetValue(question, out Answer answer))
        {
            return answer.At(at);
        }

        answer = Look(remembered.Overrides, question);
        if (remembered.Answers.Count < MostRemembered)
        {
            remembered.Answers.TryAdd(question, answer);
        }

        return answer.At(at);
    }

    private Answer Look(IReadOnlyList<PriceOverride> overrides, Question question)
    {
        foreach (PriceOverride own in overrides)
        {
            if (own.Fits(question.Model, question.Upstream))
            {
                return new Answer(own.ToPrice(), null);
            }
        }

        return new Answer(null, MachinePrice.IsMachine(question.Kind) || question.Model.Length == 0 ? null : _table.Find(question.Model, question.Kind));
    }

    private readonly record struct Question(string Model, string? Upstream, string? Kind);

    private readonly record struct Answer(ModelPrice? Own, PriceHistory? Listed)
    {
        public ModelPrice? At(DateTimeOffset time) => Own ?? Listed?.At(time);
    }

    /// <summary>What was asked for under one set of overrides.</summary>
    private sealed class Remembered(IReadOnlyList<PriceOverride> overrides)
    {
        public IReadOnlyList<PriceOverride> Overrides { get; } = [.. overrides];

        public ConcurrentDictionary<Question, Answer> Answers { get; } = new();
    }

    private static partial class Log
    {
        [LoggerMessage(1201, LogLevel.Warning, "There is no config/{File}: only the prices of Ledger:Prices are known", EventName = "NoPriceTable")]
        public static partial void NoTable(ILogger logger, string file);

        [LoggerMessage(1202, LogLevel.Information, "Nobody knows what {Model} costs: its requests count as of unknown price until Ledger:Prices says it", EventName = "UnknownPrice")]
        public static partial void Unknown(ILogger logger, string model);
    }
}
