using CacheProxy.Exchange;
using CacheProxy.SemanticCache.Scoring;

namespace CacheProxy.SemanticCache.Policies.Learned;

/// <summary>
/// Serves what is right surely enough for the error bound to hold over all requests of a scope (tenant and model), by what was observed of the
/// entry, its partition and everything. What it does not serve goes upstream and is an observation; so is a share of what it could serve.
/// </summary>
/// <remarks>
/// The guarantee: each answer is served at a price of at least its probability of being wrong, and the prices of a scope never sum to more than
/// the bound times its requests. It rests on the model's lower bound being one, which the audit of served hits checks.
/// </remarks>
public sealed class LearnedPolicy : ISemanticPolicy
{
    public const string PolicyName = "learned";

    private const int MostScopes = 4096;

    private const int MostWordings = 200_000;

    private const int MostQuestions = 100_000;

    // An entry is served so many times, and so many more for each time it was looked at, before it is looked at again. A question that comes
    // again in the same words is looked at at once: once wrong it would be wrong each time.
    private const int Patience = 3;

    // The first looks at an entry are worth more than the hundredth: an entry is explored by so many times the share, falling with what is known.
    private const double NewcomerFactor = 4;

    private readonly SameAnswerModel _model = new(ModelPriors.Default);
    private readonly AccountTable _accounts = new(MostScopes);
    private readonly WordingTable _wordings = new(MostWordings);
    private readonly PriceCheck _check = new();
    private readonly RecentCounts _asked = new(MostQuestions);
    private readonly RecentCounts _unverified = new(MostQuestions);
    private readonly Func<PolicyScope, LearnedSettings> _settings;
    private readonly Func<double> _uniform;

    /// <param name="settings">For a scope, now.</param>
    /// <param name="uniform">Uniform numbers in [0, 1), from any thread.</param>
    public LearnedPolicy(Func<PolicyScope, LearnedSettings> settings, Func<double>? uniform = null)
        => (_settings, _uniform) = (settings, uniform ?? Chance.Uniform);

    public string Name => PolicyName;

    /// <summary>Observations learned from so far.</summary>
    public long Seen => _model.Seen;

    public PolicyVerdict Decide(in PolicyScope scope, in SemanticEvidence evidence)
    {
        LearnedSettings settings = _settings(scope);
        Fingerprint256 root = _wordings.RootOf(scope.Entry);
        Belief belief = _model.Judge(scope.Partition, root, evidence.Probability, evidence.Cosine);
        double price = _check.Factor * (1 - belief.Expected());
        double limit = _accounts.Of(scope).PriceLimit(settings);
        int seen = _model.SeenOf(root);
        double share = settings.ExploreShare * (1 + (NewcomerFactor / (1 + seen)));

        // Written so that a score that is no number does not serve.
        bool wouldServe = price <= limit && limit > 0 && belief.Reliable() >= settings.MinimumProbability;
        bool serves = wouldServe && _uniform() >= share;
        bool audits = serves && (_asked.CountOf(scope.Asked) > 0 || _unverified.CountOf(root) >= Patience * (1 + seen));
        return new PolicyVerdict(serves, 1 - price, 1 - limit, Explores: !serves && evidence.Probability > 0, wouldServe, audits);
    }

    public void NoteRequest(in PolicyScope scope) => _accounts.Of(scope).PayIn(_settings(scope).ErrorBound);

    public bool TryServe(in PolicyScope scope, in PolicyVerdict verdict)
    {
        if (!_accounts.Of(scope).TrySpend(1 - verdict.Score, _settings(scope)))
        {
            return false;
        }

        _asked.Add(scope.Asked);
        _unverified.Add(_wordings.RootOf(scope.Entry));
        return true;
    }

    /// <param name="entry">Whose answer was compared.</param>
    /// <param name="asked">The question's own entry: where the answer was right, it is from now on another wording of <paramref name="entry"/>, and what is observed of one counts for both.</param>
    public void Learn(Fingerprint256 partition, Fingerprint256 entry, Fingerprint256? asked, double probability, double cosine, bool isRight)
    {
        Fingerprint256 root = _wordings.RootOf(entry);
        _check.Note(1 - _model.Judge(partition, root, probability, cosine).Expected(), !isRight);
        _model.Learn(partition, root, probability, cosine, isRight);
        _unverified.Clear(root);
        if (isRight && asked is { } wording)
        {
            _wordings.Join(wording, entry);
        }
    }

    /// <summary>
    /// The entry is gone. What was learned for it is forgotten, of it as a wording of another too; what was learned against it stays: a question
    /// that drew unlike ones will draw them again, whatever its next answer says.
    /// </summary>
    public void Forget(Fingerprint256 entry)
    {
        _model.Forget(entry);
        _wordings.Remove(entry);
        _unverified.Clear(entry);
    }
}
