namespace CacheProxy.Budget;

/// <summary>How long a budget lasts before it begins anew, by the calendar of its time zone.</summary>
public enum BudgetWindow
{
    /// <summary>A clock hour of the zone's standard time.</summary>
    Hour,

    /// <summary>From midnight to midnight: 23 or 25 hours when clocks change.</summary>
    Day,

    /// <summary>From Monday's midnight.</summary>
    Week,

    /// <summary>From the midnight of the first.</summary>
    Month,
}
