using System.ComponentModel.DataAnnotations;

namespace CacheProxy.Budget;

/// <summary>
/// One element of the list <c>Budgets</c>: what may be spent at upstreams in a window of time, by whom and on which models. Only what goes
/// upstream counts; hits and requests that read another's answer along cost nothing. A changed list is taken over while running and keeps what was counted.
/// </summary>
public sealed class BudgetOptions
{
    /// <summary>Unique; in headers, errors, logs and metrics. Renaming a budget begins its count anew.</summary>
    [Required]
    [RegularExpression("[A-Za-z][A-Za-z0-9_.-]{0,63}")]
    public string Name { get; set; } = "";

    /// <summary>Whose requests count: names (<c>Tenants:Names</c>) or key ids, separated by commas, a <c>*</c> at the end stands for any ending; together they have one budget. A <c>*</c> alone: each tenant has its own. Empty (the default): everybody, together.</summary>
    public string Tenant { get; set; } = "";

    /// <summary>The same of the request's <c>user</c> field (<c>metadata.user_id</c> in messages). Clients write it: it is no defence against one that would rather be another.</summary>
    public string User { get; set; } = "";

    /// <summary>The same of the model, after <c>Routes</c> has replaced an alias.</summary>
    public string Model { get; set; } = "";

    /// <summary><c>hour</c>, <c>day</c>, <c>week</c> (from Monday) or <c>month</c>, in <see cref="TimeZone"/>. Either this or <see cref="WindowSeconds"/>.</summary>
    public BudgetWindow? Window { get; set; }

    /// <summary>Seconds of a window that is no calendar's; counted from 1970 on, so that all proxies have the same. Default 0: <see cref="Window"/> counts.</summary>
    [Range(0, 366 * 86_400)]
    public int WindowSeconds { get; set; }

    /// <summary>The zone of <see cref="Window"/>, as <c>Europe/Berlin</c>. Default <c>UTC</c>.</summary>
    [Required]
    public string TimeZone { get; set; } = "UTC";

    /// <summary>US dollars per window. Calls whose price is not known cost it nothing, which its state says. Default: none.</summary>
    [Range(0.000_001, 9_000_000)]
    public double? Money { get; set; }

    /// <summary>Tokens per window, of prompts and answers. Default: none.</summary>
    [Range(1, 1_000_000_000_000_000)]
    public long? Tokens { get; set; }

    /// <summary>Calls of the upstream per window. Default: none.</summary>
    [Range(1, 1_000_000_000_000_000)]
    public long? Requests { get; set; }

    /// <summary>Used part of a limit from which on answers carry <c>X-CacheProxy-Budget</c> and the log says so once. Default 0.8.</summary>
    [Range(0.01, 1)]
    public double Soft { get; set; } = 0.8;

    /// <summary>What would go beyond a limit is refused with 429; hits are served all the same. Default true; false only warns.</summary>
    public bool Hard { get; set; } = true;
}
