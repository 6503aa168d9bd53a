using Microsoft.Extensions.Options;

namespace CacheProxy.SemanticCache.Policies;

/// <summary>Finds a request's <see cref="ScopeSettings"/>. They are made once per configuration: finding compares a few short texts and allocates nothing.</summary>
public sealed class ScopeRules(IOptionsMonitor<SemanticOptions> options)
{
    private volatile Table? _table;

    public ScopeSettings For(in PolicyScope scope)
    {
        SemanticOptions current = options.CurrentValue;
        Table? table = _table;
        if (table is null || !ReferenceEquals(table.Source, current))
        {
            _table = table = new Table(current);
        }

        return table.Find(scope);
    }

    private sealed class Table(SemanticOptions source)
    {
        private readonly (SemanticRule Rule, ScopeSettings Settings)[] _rules = [.. source.Rules.Select(rule => (rule, ScopeSettings.Of(source, rule)))];
        private readonly ScopeSettings _other = ScopeSettings.Of(source, null);

        public SemanticOptions Source => source;

        public ScopeSettings Find(in PolicyScope scope)
        {
            foreach ((SemanticRule rule, ScopeSettings settings) in _rules)
            {
                if (rule.Fits(scope))
                {
                    return settings;
                }
            }

            return _other;
        }
    }
}
