using System.Collections.Concurrent;
using CacheProxy.SemanticCache.Policies;

namespace CacheProxy.SemanticCache.Truth;

/// <summary>
/// The running error of every scope. When even the lower end of a scope's interval is beyond its bound, the scope gets exact hits only, until
/// somebody resumes it. Safe for many threads; asking is a look-up in a table.
/// </summary>
public sealed partial class ErrorWatch(ScopeRules rules, TimeProvider time, ILogger<ErrorWatch> logger)
{
    // Beyond so many those leave that least was served to; a scope that fell back stays.
    private const int MostScopes = 4096;

    // Audits beyond this many make the older ones count half.
    private const long MostAudits = 2000;

    // With fewer wrong answers than this a chance few audits into a scope's life would end it.
    private const int FewestWrong = 3;

    private readonly ConcurrentDictionary<ScopeKey, ScopeError> _scopes = new();
    private readonly Lock _evicting = new();

    /// <summary>Told whenever a scope falls back or is resumed.</summary>
    public Action<ScopeError>? Changed { get; set; }

    public IReadOnlyCollection<ScopeError> Scopes => [.. _scopes.Values];

    public bool IsExactOnly(in PolicyScope scope, string policy)
        => _scopes.TryGetValue(new ScopeKey(scope.Tenant, scope.Model, policy), out ScopeError? error) && error.ExactOnlySince is not null;

    public void NoteRequest(in PolicyScope scope, string policy, bool served)
        => Update(new ScopeKey(scope.Tenant, scope.Model, policy), makesRoom: served, error => error with { Requests = error.Requests + 1, Served = error.Served + (served ? 1 : 0) });

    /// <summary>An audit's or a user's word on a served hit.</summary>
    public void Note(in PolicyScope scope, string policy, ObservationSource source, ObservationOutcome outcome)
    {
        if (outcome == ObservationOutcome.Unknown)
        {
            return;
        }

        bool isWrong = outcome == ObservationOutcome.Wrong;
        var key = new ScopeKey(scope.Tenant, scope.Model, policy);
        Update(key, makesRoom: true, error => source == ObservationSource.Feedback
            ? error with { SaidWrong = error.SaidWrong + (isWrong ? 1 : 0) }
            : Counted(error, isWrong));
        if (isWrong)
        {
            FallBackIfBeyond(key, rules.For(scope));
        }
    }

    /// <summary>Lets a scope be served again, its counts begun anew.</summary>
    /// <returns>False: there is none that fell back.</returns>
    public bool Resume(ScopeKey key)
    {
        if (!_scopes.TryGetValue(key, out ScopeError? error) || error.ExactOnlySince is null)
        {
            return false;
        }

        var fresh = new ScopeError { Key = key };
        _scopes[key] = fresh;
        Log.Resumed(logger, Short(key.Tenant), key.Model, key.Policy);
        Changed?.Invoke(fresh);
        return true;
    }

    /// <summary>What an earlier process knew.</summary>
    public void Restore(ScopeError error)
    {
        if (_scopes.Count < MostScopes)
        {
            _scopes.TryAdd(error.Key, error);
        }
    }

    private static ScopeError Counted(ScopeError error, bool isWrong)
    {
        ScopeError counted = error with { Wrong = error.Wrong + (isWrong ? 1 : 0), Right = error.Right + (isWrong ? 0 : 1) };
        return counted.Wrong + counted.Right > MostAudits ? counted.Faded() : counted;
    }

    private static bool IsBeyond(ScopeError error, ScopeSettings settings) => error.Wrong + error.SaidWrong >= FewestWrong
        && (error.OfRequests.Lower > settings.ErrorBound || error.OfServed.Lower > settings.ServedErrorBound);

    // Requests are counted meanwhile: tried until no count came between.
    private void FallBackIfBeyond(ScopeKey key, ScopeSettings settings)
    {
        while (_scopes.TryGetValue(key, out ScopeError? error) && error.ExactOnlySince is null && IsBeyond(error, settings))
        {
            ScopeError fallen = error with { ExactOnlySince = time.GetUtcNow() };
            if (_scopes.TryUpdate(key, fallen, error))
            {
                Log.FellBack(logger, Short(key.Tenant), key.Model, key.Policy, error.Wrong, error.Right + error.Wrong, error.SaidWrong, error.OfServed.Lower);
                Changed?.Invoke(fallen);
            }
        }
    }

    private void Update(ScopeKey key, bool makesRoom, Func<ScopeError, ScopeError> change)
    {
        if (_scopes.ContainsKey(key) || _scopes.Count < MostScopes || (makesRoom && TryMakeRoom()))
        {
            _scopes.AddOrUpdate(key, k => change(new ScopeError { Key = k }), (_, known) => change(known));
        }
    }

    // Clients name models as they like; a scope that nothing was served to has no error that could be watched. An eighth at once, so that sorting
    // is paid for once in a while.
    private bool TryMakeRoom()
    {
        lock (_evicting)
        {
            if (_scopes.Count < MostScopes)
            {
                return true;
            }

            foreach (KeyValuePair<ScopeKey, ScopeError> scope in
                _scopes.Where(scope => scope.Value.ExactOnlySince is null).OrderBy(scope => scope.Value.Served).Take(MostScopes / 8).ToArray())
            {
                _scopes.TryRemove(scope.Key, out _);
            }

            return _scopes.Count < MostScopes;
        }
    }

    private static string Short(string tenant) => tenant.Length <= 12 ? tenant : tenant[..12];

    private static partial class Log
    {
        [LoggerMessage(530, LogLevel.Error, "Semantic hits of tenant {Tenant}, model {Model} under policy {Policy} were wrong too often: {Wrong} of {Audited} audited, {SaidWrong} said by users, at least {Lower:P1} of the served. They get exact hits only until resumed", EventName = "SemanticFellBack")]
        public static partial void FellBack(ILogger logger, string tenant, string model, string policy, long wrong, long audited, long saidWrong, double lower);

        [LoggerMessage(531, LogLevel.Information, "Semantic hits of tenant {Tenant}, model {Model} under policy {Policy} are served again", EventName = "SemanticResumed")]
        public static partial void Resumed(ILogger logger, string tenant, string model, string policy);
    }
}
