using Microsoft.Extensions.Options;

namespace CacheProxy.Exchange.Policies;

/// <summary>Finds a request's <see cref="CachePolicy"/>. The policies are made once per configuration: finding one compares a few short texts and allocates nothing.</summary>
public sealed class CachePolicies(IOptionsMonitor<ExactOptions> options)
{
    private volatile Table? _table;

    /// <param name="exchange">Model, namespace, tags and route are known.</param>
    public CachePolicy For(ExchangeFeature exchange, PathString path)
    {
        ExactOptions current = options.CurrentValue;
        Table? table = _table;
        if (table is null || !ReferenceEquals(table.Source, current))
        {
            _table = table = new Table(current);
        }

        return table.Find(exchange, path);
    }

    private sealed class Table(ExactOptions source)
    {
        private readonly (ExactRule Rule, CachePolicy Policy)[] _rules = [.. source.Rules.Select(rule => (rule, CachePolicy.Of(source, rule)))];
        private readonly CachePolicy _other = CachePolicy.Of(source, null);

        public ExactOptions Source => source;

        public CachePolicy Find(ExchangeFeature exchange, PathString path)
        {
            foreach ((ExactRule rule, CachePolicy policy) in _rules)
            {
                if (Fits(rule.Model, exchange.Facts.Model)
                    && Fits(rule.Namespace, exchange.Namespace)
                    && Fits(rule.Route, exchange.Route?.Name ?? "")
                    && FitsPath(rule.Path, path)
                    && FitsOne(rule.Tag, exchange.Tags))
                {
                    return policy;
                }
            }

            return _other;
        }

        private static bool FitsOne(string pattern, IReadOnlyList<string> texts)
        {
            for (int i = 0; i < texts.Count; i++)
            {
                if (Fits(pattern, texts[i]))
                {
                    return true;
                }
            }

            return pattern.Length == 0;
        }

        // Paths are routed whatever their case and with or without a slash at the end.
        private static bool FitsPath(string pattern, PathString path)
            => pattern.Length == 0 || Fits(pattern.AsSpan().TrimEnd('/'), path.Value.AsSpan().TrimEnd('/'), StringComparison.OrdinalIgnoreCase);

        private static bool Fits(string pattern, string text) => pattern.Length == 0 || Fits(pattern, text, StringComparison.Ordinal);

        private static bool Fits(ReadOnlySpan<char> pattern, ReadOnlySpan<char> text, StringComparison comparison)
            => pattern.EndsWith('*') ? text.StartsWith(pattern[..^1], comparison) : text.Equals(pattern, comparison);
    }
}
