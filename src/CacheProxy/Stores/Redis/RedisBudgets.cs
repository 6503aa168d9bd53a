using System.Globalization;
using CacheProxy.Budget;
using CacheProxy.Budget.Shared;
using CacheProxy.Stores.Resilience;
using StackExchange.Redis;

namespace CacheProxy.Stores.Redis;

// <prefix>:b:<version>:{budgets}:<window>   a hash that lives as long as its window and an hour:
//
//   #          all shares together: requests, tokens, 1e-9 US dollars
//   <proxy>    its share: version, requests, tokens, 1e-9 US dollars
//
// The braces keep all windows in one slot of a cluster: a script touches several. Numbers are exact up to 2^53, nine million dollars.

/// <summary>What proxies use of their budgets, in the Redis that they share: each call is one script, within the budget of time of every call of Redis.</summary>
public sealed class RedisBudgets : ISharedBudgetStore, IDisposable
{
    private const int Version = 1;
    private const int Done = 0;
    private const int Forgotten = 1;

    private const string Functions = """
        local function numbers(text) local all = {} for number in string.gmatch(text, '%S+') do all[#all + 1] = tonumber(number) end return all end
        local function three(t) return string.format('%.0f %.0f %.0f', t[1], t[2], t[3]) end
        """;

    private const string Tell = Functions + """

        local proxy, version, a = ARGV[1], tonumber(ARGV[2]), 3
        local own, limit, total = {}, {}, {}
        for i = 1, #KEYS do
          local there = redis.call('HMGET', KEYS[i], '#', proxy)
          local share = there[2] and numbers(there[2])
          if share and share[1] > version then return {2} end
          if not share and ARGV[a + 4] == '1' then return {1} end
          own[i], limit[i], total[i] = {}, {}, there[1] and numbers(there[1]) or {0, 0, 0}
          for u = 1, 3 do
            own[i][u] = tonumber(ARGV[a + u])
            limit[i][u] = tonumber(ARGV[a + 4 + u])
            total[i][u] = total[i][u] - (share and share[u + 1] or 0) + own[i][u]
          end
          a = a + 8
        end
        local refusals = {}
        while a <= #ARGV do
          local count, refused = tonumber(ARGV[a + 3]), 0
          for k = 1, count do
            local i = tonumber(ARGV[a + 3 + k])
            for u = 1, 3 do
              local most, used = limit[i][u], total[i][u]
              if refused == 0 and most >= 0 and (used >= most or used + tonumber(ARGV[a - 1 + u]) > most) then refused = (i - 1) * 3 + u end
            end
          end
          for k = 1, refused == 0 and count or 0 do
            local i = tonumber(ARGV[a + 3 + k])
            for u = 1, 3 do
              own[i][u] = own[i][u] + tonumber(ARGV[a - 1 + u])
              total[i][u] = total[i][u] + tonumber(ARGV[a - 1 + u])
            end
          end
          refusals[#refusals + 1] = refused
          a = a + 4 + count
        end
        local reply = {0}
        for i = 1, #KEYS do
          redis.call('HMSET', KEYS[i], '#', three(total[i]), proxy, ARGV[2] .. ' ' .. three(own[i]))
          redis.call('PEXPIRE', KEYS[i], ARGV[3 + (i - 1) * 8])
          reply[#reply + 1] = three(total[i])
        end
        for i = 1, #refusals do reply[#reply + 1] = refusals[i] end
        return reply
        """;

    private const string Merge = Functions + """

        local total = numbers(redis.call('HGET', KEYS[1], '#') or '0 0 0')
        local isNew = false
        for a = 2, #ARGV, 2 do
          local share, there = numbers(ARGV[a + 1]), redis.call('HGET', KEYS[1], ARGV[a])
          local old = there and numbers(there) or {-1, 0, 0, 0}
          if share[1] > old[1] then
            for u = 1, 3 do total[u] = total[u] + share[u + 1] - old[u + 1] end
            redis.call('HMSET', KEYS[1], '#', three(total), ARGV[a], ARGV[a + 1])
            isNew = true
          end
        end
        if isNew then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
        return redis.call('HGETALL', KEYS[1])
        """;

    private readonly RedisConnection _connection;
    private readonly ResilientCall _call;
    private readonly string _keyStart;

    /// <exception cref="ArgumentException">The URL cannot be read; the message says why.</exception>
    public RedisBudgets(RedisOptions options, ResilientCall call)
    {
        if (!RedisUrl.TryParse(options.Url, out ConfigurationOptions? configuration, out string? error))
        {
            throw new ArgumentException($"{RedisOptions.Section}:{nameof(options.Url)}: {error}.", nameof(options));
        }

        _connection = new RedisConnection(configuration);
        _call = call;
        _keyStart = $"{options.KeyPrefix}:b:{Version}:{{budgets}}:";
    }

    public async ValueTask<SharedBudgetReply?> TellAsync(SharedBudgetCall call, CancellationToken cancellationToken)
    {
        CallResult<SharedBudgetReply?> result = await _call.TryAsync((Store: this, call), static (work, token) => work.Store.RunAsync(work.call, token), cancellationToken);
        return result.Succeeded ? result.Value : null;
    }

    public async ValueTask<IReadOnlyDictionary<string, BudgetShare>?> MergeAsync(
        SharedBudgetWindow window, IReadOnlyDictionary<string, BudgetShare> known, CancellationToken cancellationToken)
    {
        CallResult<IReadOnlyDictionary<string, BudgetShare>?> result = await _call.TryAsync(
            (Store: this, window, known), static (work, token) => work.Store.RunAsync(work.window, work.known, token), cancellationToken);
        return result.Succeeded ? result.Value : null;
    }

    public void Dispose() => _connection.Dispose();

    private async ValueTask<SharedBudgetReply?> RunAsync(SharedBudgetCall call, CancellationToken cancellationToken)
    {
        IDatabase database = await _connection.GetDatabaseAsync(cancellationToken);
        RedisKey[] keys = [.. call.Windows.Select(window => (RedisKey)(_keyStart + window.Key))];
        RedisResult[] reply = (RedisResult[]?)await database.ScriptEvaluateAsync(Tell, keys, ArgumentsOf(call)) ?? [];
        int code = reply.Length == 0 ? -1 : (int)reply[0];
        if (code != Done)
        {
            return code == Forgotten ? SharedBudgetReply.Forgotten : null;
        }

        if (reply.Length != 1 + keys.Length + call.Claims.Count)
        {
            throw new IOException("Redis gave a reply of another length than was asked for");
        }

        BudgetAmount[] totals = [.. reply[1..(1 + keys.Length)].Select(text => AmountOf((string?)text, 0))];
        return new SharedBudgetReply(false, totals, [.. reply[(1 + keys.Length)..].Select(refused => RefusalOf((int)refused))]);
    }

    private async ValueTask<IReadOnlyDictionary<string, BudgetShare>?> RunAsync(
        SharedBudgetWindow window, IReadOnlyDictionary<string, BudgetShare> known, CancellationToken cancellationToken)
    {
        IDatabase database = await _connection.GetDatabaseAsync(cancellationToken);
        List<RedisValue> arguments = [(long)window.Lifetime.TotalMilliseconds];
        foreach ((string proxy, BudgetShare share) in known)
        {
            BudgetAmount amount = share.Amount;
            arguments.AddRange(proxy, string.Create(CultureInfo.InvariantCulture, $"{share.Version} {amount.Requests} {amount.Tokens} {amount.Nanodollars}"));
        }

        RedisResult[] reply = (RedisResult[]?)await database.ScriptEvaluateAsync(Merge, [_keyStart + window.Key], [.. arguments]) ?? [];
        var shares = new Dictionary<string, BudgetShare>(StringComparer.Ordinal);
        for (int i = 0; i + 1 < reply.Length; i += 2)
        {
            string proxy = (string?)reply[i] ?? "";
            string text = (string?)reply[i + 1] ?? "";
            if (proxy != "#" && long.TryParse(text.Split(' ')[0], NumberStyles.None, CultureInfo.InvariantCulture, out long version))
            {
                shares[proxy] = new BudgetShare(version, AmountOf(text, 1));
            }
        }

        return shares;
    }

    private static RedisValue[] ArgumentsOf(SharedBudgetCall call)
    {
        List<RedisValue> arguments = [call.Proxy, call.Version];
        foreach (SharedBudgetWindow window in call.Windows)
        {
            arguments.AddRange(
                (long)window.Lifetime.TotalMilliseconds, window.Own.Requests, window.Own.Tokens, window.Own.Nanodollars, window.IsKept ? 1 : 0,
                window.Limits.Requests, window.Limits.Tokens, window.Limits.Nanodollars);
        }

        foreach (SharedBudgetClaim claim in call.Claims)
        {
            arguments.AddRange(claim.Amount.Requests, claim.Amount.Tokens, claim.Amount.Nanodollars, claim.Windows.Length);
            arguments.AddRange(claim.Windows.Select(place => (RedisValue)(place + 1)));
        }

        return [.. arguments];
    }

    private static BudgetAmount AmountOf(string? text, int from)
    {
        string[] parts = (text ?? "").Split(' ');
        return parts.Length == from + 3
            ? new BudgetAmount(Number(parts[from]), Number(parts[from + 1]), Number(parts[from + 2]))
            : throw new IOException("Redis holds something else under the key of a budget");
    }

    private static long Number(string text) => long.Parse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);

    private static (int Window, BudgetUnit Unit)? RefusalOf(int place) => place == 0 ? null : ((place - 1) / 3, (BudgetUnit)((place - 1) % 3));
}
