namespace CacheProxy.Budget;

/// <summary>What is used of one budget in one window: this proxy's own share, and what is known of the others'. Belongs to the book's lock.</summary>
internal sealed class AccountWindow(BudgetAccount account, WindowSpan span)
{
    private readonly Dictionary<string, BudgetShare> _others = new(StringComparer.Ordinal);

    public BudgetAccount Account => account;

    public WindowSpan Span => span;

    /// <summary>Names the window in stores; the same for every proxy.</summary>
    public string StoreKey { get; } = $"{account.Hex}:{span.Start.ToUnixTimeSeconds()}-{span.End.ToUnixTimeSeconds()}";

    /// <summary>Used by this proxy, with what is set aside for calls under way.</summary>
    public BudgetAmount Own { get; private set; }

    /// <summary>Used by all others together, as far as is known.</summary>
    public BudgetAmount OthersTotal { get; private set; }

    public BudgetAmount Used => Own + OthersTotal;

    /// <summary>The version of <see cref="Own"/>; grows with every change of it.</summary>
    public long Changes { get; private set; }

    /// <summary>The value of <see cref="Changes"/> that the others were told; below it they have to be.</summary>
    public long Told { get; set; }

    /// <summary>The value of <see cref="Changes"/> that the file holds.</summary>
    public long Saved { get; set; }

    /// <summary>Each other's share was read, and what was known of them told; false again when what they are kept in has forgotten them.</summary>
    public bool KnowsShares { get; set; }

    /// <summary>The own share is kept outside: where it is missing there, all is.</summary>
    public bool IsKeptOutside { get; set; }

    /// <summary><see cref="TimeProvider.GetTimestamp"/> of the last word from the others; 0: none yet.</summary>
    public long HeardAt { get; set; }

    public bool HasWarned { get; set; }

    public bool HasRefused { get; set; }

    /// <summary>Requests that it refused here.</summary>
    public long Refusals { get; set; }

    /// <summary>Calls here whose cost nobody knows.</summary>
    public long Unpriced { get; set; }

    public IReadOnlyDictionary<string, BudgetShare> Others => _others;

    public BudgetUnit? Refuses(BudgetAmount more) => account.Rule.Refusing.Exceeded(Used, more);

    public void Add(BudgetAmount amount)
    {
        if (amount != default)
        {
            Own += amount;
            Changes = account.Versions.Next();
        }
    }

    /// <summary>What a proxy has used, from the file or from another's telling; an older word changes nothing.</summary>
    public void Learn(string proxy, BudgetShare share)
    {
        if (!_others.TryGetValue(proxy, out BudgetShare known) || share.Version > known.Version)
        {
            _others[proxy] = share;
            if (HeardAt == 0)
            {
                // Until those who keep all shares have said their sum.
                OthersTotal += share.Amount - known.Amount;
            }
        }
    }

    /// <summary>The sum of all shares but the own one, as those who keep it say.</summary>
    public void Hear(BudgetAmount others, long timestamp)
    {
        OthersTotal = others;
        HeardAt = timestamp;
    }
}
