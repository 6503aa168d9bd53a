using System.Text.Json;
using CacheProxy.Exchange;
using CacheProxy.Ledger;
using CacheProxy.Ledger.Findings;
using CacheProxy.Ledger.Prices;

namespace CacheProxy.Cli.Reports;

/// <summary>The report for programs: money in whole nanodollars (1e-9 USD), times in seconds, names in snake_case.</summary>
internal static class ReportJson
{
    public static void Write(Stream output, ReportData data)
    {
        using var json = new Utf8JsonWriter(output, new JsonWriterOptions { Indented = true });
        json.WriteStartObject();
        json.WriteString("from", data.Range.From);
        json.WriteString("to", data.Range.To);
        json.WriteString("time_zone", data.Range.Zone.Id);
        json.WriteString("tenant", data.Range.Tenant);
        Totals(json, "totals", data.Totals);
        json.WriteStartObject("semantic");
        json.WriteNumber("hits", data.Semantic.Requests);
        json.WriteNumber("saved_nanodollars", data.Semantic.Avoided.Nanodollars);
        json.WriteNumber("audited", data.Truth.Audited);
        json.WriteNumber("wrong", data.Truth.Wrong);
        json.WriteNumber("said_wrong", data.Truth.SaidWrong);
        SemanticSaving saving = data.Truth.SavingOf(data.Semantic.Avoided);
        Optional(json, "saved_by_right_nanodollars", saving.OfRightAnswers?.Nanodollars);
        Optional(json, "saved_at_least_nanodollars", saving.AtLeast?.Nanodollars);
        Optional(json, "wrong_low", data.Truth.Interval?.Lower);
        Optional(json, "wrong_high", data.Truth.Interval?.Upper);
        json.WriteEndObject();
        Groups(json, "tenants", data.Tenants);
        Groups(json, "models", data.Models);
        Groups(json, "upstreams", data.Upstreams);
        Groups(json, "routes", data.Routes);
        Groups(json, "work", data.Work);
        List(json, "days", data.Days, day =>
        {
            json.WriteString("start", day.Start);
            Totals(json, "totals", day.Totals);
        });
        List(json, "advice", data.Advice, advice => Write(json, advice));
        List(json, "volatile_prefixes", data.Findings.VolatilePrefixes, found => Write(json, found));
        List(json, "near_misses", data.Findings.NearMisses, pair => Write(json, pair));
        json.WriteStartArray("gaps");
        foreach (string gap in data.Gaps)
        {
            json.WriteStringValue(gap);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Totals(Utf8JsonWriter json, string name, LedgerTotals totals)
    {
        json.WriteStartObject(name);
        json.WriteNumber("requests", totals.Requests);
        foreach (CacheOutcome outcome in Enum.GetValues<CacheOutcome>())
        {
            json.WriteNumber(outcome.ToTag(), totals.RequestsOf(outcome));
        }

        json.WriteNumber("errors", totals.Errors);
        json.WriteNumber("aborted", totals.Aborted);
        json.WriteNumber("background_calls", totals.BackgroundCalls);
        json.WriteNumber("saved_nanodollars", totals.Avoided.Nanodollars);
        json.WriteNumber("paid_nanodollars", totals.Paid.Nanodollars);
        json.WriteNumber("background_paid_nanodollars", totals.BackgroundPaid.Nanodollars);
        json.WriteNumber("overhead_nanodollars", totals.Overhead.Nanodollars);
        json.WriteNumber("net_nanodollars", totals.Net.Nanodollars);
        json.WriteNumber("requests_of_unknown_price", totals.RequestsOfUnknownPrice);
        json.WriteNumber("requests_of_part_price", totals.RequestsOfPartPrice);
        json.WriteNumber("prompt_tokens", totals.Spent.Prompt);
        json.WriteNumber("completion_tokens", totals.Spent.Completion);
        json.WriteNumber("cached_tokens", totals.Spent.CachedRead);
        json.WriteNumber("predicted_cached_tokens", totals.PredictedCachedTokens);
        json.WriteNumber("delivered_cached_tokens", totals.DeliveredCachedTokens);
        json.WriteNumber("compared_calls", totals.ComparedCalls);
        json.WriteNumber("uncompared_calls", totals.UncomparedCalls);
        json.WriteNumber("saved_tokens", totals.Saved.Total);
        json.WriteNumber("seconds_saved", totals.SecondsSaved);
        Optional(json, "hit_p50_seconds", totals.HitLatency.Total.Quantile(0.5));
        Optional(json, "hit_p99_seconds", totals.HitLatency.Total.Quantile(0.99));
        Optional(json, "miss_p50_seconds", totals.MissLatency.Total.Quantile(0.5));
        Optional(json, "miss_p99_seconds", totals.MissLatency.Total.Quantile(0.99));
        json.WriteEndObject();
    }

    private static void Groups(Utf8JsonWriter json, string name, IReadOnlyList<LedgerGroup> groups) => List(json, name, groups, group =>
    {
        json.WriteString("key", group.Key);
        Totals(json, "totals", group.Totals);
    });

    private static void Write(Utf8JsonWriter json, Advice advice)
    {
        json.WriteString("kind", advice.Kind);
        json.WriteString("title", advice.Title);
        json.WriteString("because", advice.Because);
        json.WriteString("setting", advice.Setting);
        Optional(json, "effect_nanodollars", advice.Effect?.Nanodollars);
        json.WriteNumber("requests", advice.Requests);
        json.WriteNumber("tokens", advice.Tokens);
        json.WriteNumber("seconds", advice.Seconds);
    }

    private static void Write(Utf8JsonWriter json, VolatilePrefix found)
    {
        Write(json, found.Scope);
        json.WriteString("class", found.Class.ToTag());
        json.WriteNumber("prompts", found.Prompts);
        json.WriteNumber("tokens", found.Tokens);
        Optional(json, "nanodollars", found.Unpriced == found.Prompts ? null : found.Nanodollars);
        json.WriteNumber("seconds", found.Seconds);
        json.WriteString("example", found.Example?.Text);
        Optional(json, "example_start", found.Example?.Start);
        Optional(json, "example_length", found.Example?.Length);
    }

    private static void Write(Utf8JsonWriter json, NearMissPair pair)
    {
        Write(json, pair.Scope);
        json.WriteNumber("count", pair.Count);
        json.WriteNumber("similarity", pair.Similarity);
        Optional(json, "probability", pair.Probability);
        Optional(json, "threshold", pair.Threshold);
        json.WriteString("reason", pair.Reason);
        json.WriteString("guard", pair.Guard);
        json.WriteString("asked", pair.AskedText);
        json.WriteString("stored", pair.StoredText);
    }

    private static void Write(Utf8JsonWriter json, FindingScope scope)
    {
        json.WriteString("tenant", scope.Tenant);
        json.WriteString("model", scope.Model);
        json.WriteString("route", scope.Route);
    }

    private static void List<T>(Utf8JsonWriter json, string name, IReadOnlyList<T> items, Action<T> write)
    {
        json.WriteStartArray(name);
        foreach (T item in items)
        {
            json.WriteStartObject();
            write(item);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void Optional(Utf8JsonWriter json, string name, double? value)
    {
        if (value is { } number)
        {
            json.WriteNumber(name, number);
        }
        else
        {
            json.WriteNull(name);
        }
    }

    private static void Optional(Utf8JsonWriter json, string name, long? value)
    {
        if (value is { } number)
        {
            json.WriteNumber(name, number);
        }
        else
        {
            json.WriteNull(name);
        }
    }
}
