using CacheProxy.Exchange.Routes;

namespace CacheProxy.Budget;

/// <summary>One of the three things that a budget tells requests apart by: who, on behalf of whom, which model.</summary>
internal sealed class BudgetSelector(string setting)
{
    private const string Each = "*";

    private readonly NamePatterns _patterns = new(setting);

    /// <summary>Each value has a budget of its own; else all that fit have one together.</summary>
    public bool IsEach { get; } = setting.Trim() == Each;

    public bool IsAny => _patterns.IsEmpty;

    public bool Fits(string value) => IsAny || IsEach || _patterns.Fit(value);

    /// <summary>What people read of the account's part; null: everybody.</summary>
    public string? Show(string value) => IsEach ? value : IsAny ? null : setting;
}
