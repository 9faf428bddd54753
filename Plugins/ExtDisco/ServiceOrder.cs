using Parley.Plugin.Abstractions;

namespace Parley.Plugins.ExtDisco;

/// <summary>
/// The order that every known client can use. Some take the first TURN entry and some the last, and TURN over UDP is the one that all of them speak:
/// it comes first, and once more at the end where an entry of another transport would otherwise stand there.
/// </summary>
public static class ServiceOrder
{
    /// <summary>Arranges services, each once but for that repetition.</summary>
    public static IReadOnlyList<ExternalService> Arrange(IEnumerable<ExternalService> services)
    {
        var seen = new HashSet<(string, string, int, string)>();
        var ordered = services
            .Where(s => seen.Add((s.Type, s.Host.ToUpperInvariant(), s.Port, s.Transport)))
            .OrderBy(s => IsUdpTurn(s) ? 0 : 1) // stable: otherwise as the sources prefer
            .ToList();
        if (ordered.Count > 0 && IsUdpTurn(ordered[0]) && ordered.Exists(s => s.Transport != "udp")) ordered.Add(ordered[0]);
        return ordered;
    }

    private static bool IsUdpTurn(ExternalService service) => service is { Type: "turn", Transport: "udp" };
}
