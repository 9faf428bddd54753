using System.Text.Json;
using System.Text.Json.Serialization;
using Parley.Doctor;

namespace Parley.Server.Host.Doctor;

/// <summary>Writes findings for people as they come, or for machines at the end (docs/doctor.md).</summary>
internal sealed class Report(string server, bool isInside, bool isJson)
{
    private const int JsonVersion = 1;
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter<Verdict>(JsonNamingPolicy.CamelCase) },
    };

    private readonly List<Finding> _findings = [];

    /// <summary>All so far.</summary>
    public IReadOnlyList<Finding> Findings => _findings;

    /// <summary>Takes a finding.</summary>
    public void Add(Finding finding)
    {
        _findings.Add(finding);
        if (isJson) return;
        Console.WriteLine($"{Label(finding.Verdict)}  {finding.Text}");
        if (finding.Change is not null) Console.WriteLine($"         -> {finding.Change}");
    }

    /// <summary>Takes several.</summary>
    public void AddRange(IEnumerable<Finding> findings)
    {
        foreach (var finding in findings) Add(finding);
    }

    /// <summary>Says what it all comes to.</summary>
    /// <returns>The exit code: 1 where something failed.</returns>
    public int End()
    {
        var (failures, warnings) = (Count(Verdict.Failure), Count(Verdict.Warning));
        var worst = _findings.Select(f => f.Verdict).DefaultIfEmpty().Max();
        if (isJson) Console.WriteLine(JsonSerializer.Serialize(new { Version = JsonVersion, Server = server, From = isInside ? "inside" : "outside", Verdict = worst, Failures = failures, Warnings = warnings, Findings = _findings }, Options));
        else Console.WriteLine($"{failures} failures, {warnings} warnings");
        return failures == 0 ? 0 : 1;
    }

    private int Count(Verdict verdict) => _findings.Count(f => f.Verdict == verdict);

    private static string Label(Verdict verdict) => verdict switch
    {
        Verdict.Ok => "ok     ",
        Verdict.Warning => "warning",
        _ => "FAILURE",
    };
}
