using System.Globalization;
using System.Text.Json;
using CacheProxy.Admin;
using CacheProxy.Admin.Access;
using CacheProxy.Dashboard.Api;
using CacheProxy.Protocol.OpenAI;
using CacheProxy.Tuning.Advice;
using CacheProxy.Tuning.Settings;
using CacheProxy.Tuning.Statistics;

namespace CacheProxy.Dashboard.Thresholds;

/// <summary><c>POST /dashboard/api/thresholds/apply</c>: writes one threshold to the settings file, as <c>tune --apply</c> does; the proxy follows it.</summary>
internal sealed class ApplyEndpoint(SettingsPlace place, AuditLog audit)
{
    private const int LongestName = 256;

    public async Task PostAsync(HttpContext context, AdminPass pass)
    {
        if (await AdminHttp.ReadBodyAsync(context) is not { } body)
        {
            return;
        }

        JsonFields fields = JsonFields.Parse(body);
        double? threshold = fields.Share("threshold", mayBeOne: true);
        string? version = fields.Text("settings");
        string model = fields.Text("model", LongestName, mayBeEmpty: true) ?? "", route = fields.Text("route", LongestName, mayBeEmpty: true) ?? "";
        RequestError? error = fields.Finish()
            ?? (threshold is null ? RequestError.Missing("threshold") : null)
            ?? (version is null ? RequestError.Missing("settings") : null);
        if (error is null)
        {
            (ApplyReply? reply, error) = Apply(threshold!.Value, model, route, version!, pass.Who);
            if (reply is not null)
            {
                await DashboardHttp.WriteAsync(context, reply, DashboardJson.Default.ApplyReply);
                return;
            }
        }

        await DashboardHttp.WriteAsync(context, error!);
    }

    private (ApplyReply? Reply, RequestError? Error) Apply(double threshold, string model, string route, string version, string who)
    {
        if (place.Path is not { } path)
        {
            return (null, Conflict("no_settings_file", "There is no settings file to write to."));
        }

        if (place.IsOverridden(SettingsVersion.Threshold))
        {
            return (null, Conflict("set_by_environment", $"{SettingsVersion.Threshold} comes from the environment, which wins over the settings file."));
        }

        try
        {
            string before = File.ReadAllText(path);
            if (SettingsVersion.Of(before) != version)
            {
                return (null, Conflict("settings_changed", "The settings file has changed meanwhile: look at the page again."));
            }

            AdvicePlan plan = AdvicePlan.Make(new SettingsText(before), AdviceFor(threshold, model, route), policy: null);
            if (place.FaultsOf(plan.Text.Text) is { Count: > 0 } faults)
            {
                return (null, RequestError.InvalidValue("threshold", string.Join(" ", faults)));
            }

            if (plan.Changes.Count > 0)
            {
                SettingsFile.Replace(path, before, plan.Text.Text);
                audit.Write("threshold", who, $"{model} {route} {threshold.ToString(CultureInfo.InvariantCulture)}".Trim(), plan.Changes.Count);
            }

            return (new ApplyReply([.. plan.Changes.Select(change => new SettingView(change.Path, change.Before, change.After))], SettingsVersion.Of(plan.Text.Text)), null);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException)
        {
            return (null, Conflict("settings_not_written", exception.Message));
        }
    }

    // What somebody chose takes the place of what the evidence advises; how the file changes is the same.
    private static TuningAdvice AdviceFor(double threshold, string model, string route)
    {
        var chosen = new ThresholdAdvice(model, route, 0, new OperatingPoint(double.MaxValue, 0, 0), new CertifiedThreshold(new OperatingPoint(threshold, 0, 0), 1));
        return model.Length + route.Length == 0
            ? new TuningAdvice(chosen, [], null, [])
            : new TuningAdvice(chosen with { Model = "", Route = "", Advised = null }, [chosen], null, []);
    }

    private static RequestError Conflict(string code, string message) => new(message, null, code, StatusCodes.Status409Conflict);
}
