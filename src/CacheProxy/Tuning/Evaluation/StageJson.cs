using System.Text.Json.Serialization;

namespace CacheProxy.Tuning.Evaluation;

/// <param name="Rejected">Pairs that ended here.</param>
/// <param name="RejectedPositives">Of those, with label 1.</param>
/// <param name="Seconds">Of all that reached it.</param>
/// <param name="Guards">Of the stage that has them.</param>
public sealed record StageJson(
    string Name,
    int Reached,
    int Rejected,
    int RejectedPositives,
    double Seconds,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<GuardJson>? Guards);
