using System.ComponentModel.DataAnnotations;
using CacheProxy.SemanticCache.Encoders;
using CacheProxy.SemanticCache.Policies;

namespace CacheProxy.SemanticCache;

/// <summary>When a question in other words may get a stored answer. Section <c>Semantic</c>. Policy, threshold and limits follow a reload; sizes are read at start.</summary>
public sealed class SemanticOptions
{
    public const string Section = "Semantic";

    public const string StaticPolicy = "static";
    public const string LearnedPolicy = "learned";
    public const string ShadowPolicy = "shadow";
    public const string OffPolicy = "off";

    public const string ExactContext = "exact";
    public const string SimilarContext = "similar";

    /// <summary>
    /// <c>static</c>: from a fixed probability on. <c>learned</c>: what is right surely enough for <see cref="ErrorBound"/>, by what was observed.
    /// <c>shadow</c>: serves nothing, records what the policy of <see cref="Shadow"/> (else <c>static</c>) would have served, and whether that would
    /// have been right. <c>off</c>. Default <c>static</c>.
    /// </summary>
    public string Policy { get; set; } = StaticPolicy;

    /// <summary>Probability (0..1, that one answer serves both questions) from which on a candidate is served. Default: the bundled models' 0.83. Lower serves more, and more wrongly.</summary>
    [Range(0.0, 1.0)]
    public double? Threshold { get; set; }

    /// <summary>
    /// What was said before the question. <c>exact</c>: the same, word for word. <c>similar</c>: the earlier questions must match pairwise as the last
    /// one does, and the answers to them agree; conversations of more than 8 questions or 16 Ki characters stay exact. Default <c>exact</c>.
    /// </summary>
    public string Context { get; set; } = ExactContext;

    /// <summary>
    /// Regular expressions with the groups <c>(?&lt;question&gt;…)</c> and <c>(?&lt;context&gt;…)</c>. In a prompt that one matches, the first in order, only the
    /// question is compared in other words; the passages and all around it must be the same. Each may take 20 ms. Default: none.
    /// </summary>
    public string[] Templates { get; set; } = [];

    /// <summary>Rule clear misses out by static word vectors before the encoder runs. Costs 0.4 KiB of <c>IndexMegabytes</c> a question. Read at start. Default true.</summary>
    public bool Prefilter { get; set; } = true;

    /// <summary>Static cosine that a stored question must reach for the encoder to be asked at all. Higher saves more time and loses hits. Default 0.6: loses 1 to 2 in 1,000 of them.</summary>
    [Range(0.0, 1.0)]
    public float PrefilterSimilarity { get; set; } = 0.6f;

    /// <summary>A second policy, <c>static</c> or <c>learned</c>, that is tried beside the serving one and never serves. Default: none.</summary>
    public string Shadow { get; set; } = "";

    /// <summary>Other settings for some requests, by model, route, tenant, namespace or tag; the first that fits counts. Default: none.</summary>
    public List<SemanticRule> Rules { get; } = [];

    /// <summary>Share of a scope's looked-up requests that may be answered wrongly: what <c>learned</c> keeps to, and beyond which any policy's scope falls back to exact hits. Default 0.01.</summary>
    [Range(0.0001, 0.5)]
    public double ErrorBound { get; set; } = 0.01;

    /// <summary>Share of a scope's semantic hits that may be wrong, in the same two ways. Default 0.05.</summary>
    [Range(0.0001, 0.5)]
    public double ServedErrorBound { get; set; } = 0.05;

    /// <summary>Probability of being right below which <c>learned</c> serves nothing, however much of its bounds is left. Default 0.8.</summary>
    [Range(0.5, 1.0)]
    public double MinimumProbability { get; set; } = 0.8;

    /// <summary>Of what <c>learned</c> could serve, the share that it sends upstream to find out, about five times as much for entries it has not seen. Default 0.01.</summary>
    [Range(0.0, 1.0)]
    public double ExploreShare { get; set; } = 0.01;

    /// <summary>Share of the served hits that are asked of the upstream again, behind the client's back, and compared. Each costs an upstream call. Default 0.01; 0: none.</summary>
    [Range(0.0, 1.0)]
    public double AuditShare { get; set; } = 0.01;

    /// <summary>Audits a minute at most; beyond it hits go unaudited. Default 30.</summary>
    [Range(1, 100_000)]
    public int AuditsPerMinute { get; set; } = 30;

    /// <summary>Audits under way at once at most. Default 2; read at start.</summary>
    [Range(1, 64)]
    public int AuditConcurrency { get; set; } = 2;

    /// <summary>Cosine of two answers from which on they count as the same, where no number or name tells them apart. Default 0.85.</summary>
    [Range(0.5, 1.0)]
    public double AnswerSimilarity { get; set; } = 0.85;

    /// <summary>Questions to <see cref="JudgeModel"/> a minute at most; beyond it answers that rules and cosine cannot tell apart count neither way. Default 10.</summary>
    [Range(1, 100_000)]
    public int JudgesPerMinute { get; set; } = 10;

    /// <summary>Model that is asked whether two answers agree where rules and cosine cannot say; each question costs a call. It is never asked where negations contradict. Default: none, such answers count neither way.</summary>
    public string JudgeModel { get; set; } = "";

    /// <summary>Days that observations are kept. Default 30; read at start.</summary>
    [Range(1, 3650)]
    public int ObservationDays { get; set; } = 30;

    /// <summary>Observations kept at most, the newest. Default 200,000, about 60 MB; read at start.</summary>
    [Range(1000, 100_000_000)]
    public int MaxObservations { get; set; } = 200_000;

    /// <summary>Some requests are looked up.</summary>
    internal bool IsAnyOn => Policy != OffPolicy || Rules.Exists(rule => rule.Policy.Length > 0 && rule.Policy != OffPolicy);

    /// <summary>Cosine below which a stored question is no candidate; the verifier is calibrated from 0.6 on. Default 0.6.</summary>
    [Range(0.6, 1.0)]
    public float MinimumSimilarity { get; set; } = 0.6f;

    /// <summary>Milliseconds for the whole stage; beyond it the request goes on as a miss. Default 100.</summary>
    [Range(1, 10_000)]
    public int BudgetMilliseconds { get; set; } = 100;

    /// <summary>Nearest questions that the guards look at. Default 8.</summary>
    [Range(1, 64)]
    public int Neighbours { get; set; } = 8;

    /// <summary>Of those that no guard vetoes, so many at most are given to the verifier. Default 3; each costs about 4 ms on one core.</summary>
    [Range(1, 8)]
    public int VerifiedCandidates { get; set; } = 3;

    /// <summary>Longer questions are not looked up: encoder and verifier would read their beginning only. Default 1,000 characters.</summary>
    [Range(1, 100_000)]
    public int MaximumCharacters { get; set; } = 1000;

    /// <summary>Guards that are not asked, by name. Default: none.</summary>
    public string[] DisabledGuards { get; set; } = [];

    /// <summary>Languages that the verifier was tested on, two letters each; questions in others are not looked up. Default: <c>en</c>, which is also used when the list is empty.</summary>
    public string[] Languages { get; set; } = [];

    /// <summary>MiB for the questions and vectors of the in-process index; beyond it the oldest leave. Default 256, about 200,000 questions.</summary>
    [Range(1, 1 << 20)]
    public int IndexMegabytes { get; set; } = 256;

    /// <summary>Vectors of so many latest texts are remembered. Default 4,096, about 8 MiB.</summary>
    [Range(0, 1 << 20)]
    public int RememberedEmbeddings { get; set; } = 4096;

    /// <summary>Keep questions and vectors in <c>Data:Path</c>, so that semantic hits survive a restart. Default true.</summary>
    public bool Persist { get; set; } = true;

    /// <summary>For a trial with other values.</summary>
    public SemanticOptions Copy() => (SemanticOptions)MemberwiseClone();

    /// <summary>Which model turns questions into vectors.</summary>
    public EmbedderOptions Embedder { get; set; } = new();
}
