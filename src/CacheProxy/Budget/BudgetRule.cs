using CacheProxy.Tenancy;

namespace CacheProxy.Budget;

/// <summary>One budget of the settings, made ready: finds out in some tens of nanoseconds whether a request counts in it.</summary>
internal sealed class BudgetRule
{
    private readonly BudgetSelector _tenant;
    private readonly BudgetSelector _user;
    private readonly BudgetSelector _model;

    public BudgetRule(BudgetOptions options)
    {
        Name = options.Name;
        Limits = BudgetLimits.Of(options);
        Soft = options.Soft;
        IsHard = options.Hard;
        _tenant = new BudgetSelector(options.Tenant);
        _user = new BudgetSelector(options.User);
        _model = new BudgetSelector(options.Model);
        Calendar = options.Window is { } window
            ? new WindowCalendar(window, TimeZoneInfo.FindSystemTimeZoneById(options.TimeZone))
            : new WindowCalendar(TimeSpan.FromSeconds(options.WindowSeconds));
    }

    public string Name { get; }

    public BudgetLimits Limits { get; }

    /// <summary>What refuses: nothing where the budget only warns.</summary>
    public BudgetLimits Refusing => IsHard ? Limits : BudgetLimits.Unlimited;

    public double Soft { get; }

    public bool IsHard { get; }

    public WindowCalendar Calendar { get; }

    /// <summary>It tells neither tenants nor users apart.</summary>
    public bool IsForAll => _tenant.IsAny && _user.IsAny;

    public bool Fits(in BudgetSubject subject)
        => (_tenant.Fits(subject.Tenant) || (subject.TenantId != subject.Tenant && _tenant.Fits(subject.TenantId)))
            && _user.Fits(subject.User)
            && _model.Fits(subject.Model);

    /// <summary>Which of the three each value has an account of its own for: accounts of a budget that was changed in this are another budget's.</summary>
    public (bool Tenant, bool User, bool Model) Each => (_tenant.IsEach, _user.IsEach, _model.IsEach);

    // By the tenant's id, so that one that gets another name keeps what it has used; by the user's hash, because accounts are written down.
    public AccountKey KeyOf(in BudgetSubject subject, ScopeResolver hashes) => new(
        Name, _tenant.IsEach ? subject.TenantId : "", _user.IsEach ? hashes.UserIdOf(subject.User) ?? "" : "", _model.IsEach ? subject.Model : "");

    public string? ShowTenant(string value) => _tenant.Show(value);

    public string? ShowUser(string value) => _user.Show(value);

    public string? ShowModel(string value) => _model.Show(value);
}
