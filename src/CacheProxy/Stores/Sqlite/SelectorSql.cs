using CacheProxy.Exchange;
using Microsoft.Data.Sqlite;

namespace CacheProxy.Stores.Sqlite;

/// <summary>A selector as the condition of a statement over <c>entries</c>. Values are parameters, never text of the statement.</summary>
internal static class SelectorSql
{
    /// <summary>The condition, without <c>WHERE</c>; <c>1</c> where everything is meant.</summary>
    public static string Condition(EntrySelector selector, SqliteCommand command)
    {
        var parts = new List<string>();
        Add("entry_id = ", "$entry", selector.Id);
        Add("namespace = ", "$namespace", selector.Namespace);
        Add("model = ", "$model", selector.Model);
        // By its beginning, which the index serves: nothing that begins with these digits comes behind them and a letter that is no digit.
        Add("scope >= ", "$scope", selector.Scope);
        Add("scope < ", "$scope_end", selector.Scope is { } scope ? scope + 'g' : null);
        Add("user_id = ", "$user", selector.UserId);
        Add("prefix_id = ", "$prefix", selector.PrefixId);
        Add("created >= ", "$from", selector.CreatedFrom?.UtcTicks);
        Add("created < ", "$before", selector.CreatedBefore?.UtcTicks);
        Add("fingerprint = ", "$fingerprint", selector.Fingerprint?.ToByteArray());
        if (selector.Fingerprint is { } fingerprint)
        {
            Add("id = ", "$id", (long)fingerprint[0]);
        }

        if (selector.Tag is { } tag)
        {
            parts.Add("id IN (SELECT id FROM tags WHERE tag = $tag)");
            command.Parameters.AddWithValue("$tag", tag);
        }

        return parts.Count == 0 ? "1" : string.Join(" AND ", parts);

        void Add(string comparison, string name, object? value)
        {
            if (value is not null)
            {
                parts.Add(comparison + name);
                command.Parameters.AddWithValue(name, value);
            }
        }
    }
}
