using Parley.Plugin.Abstractions;

namespace Parley.Plugins.ExtDisco;

/// <summary>
/// The order that every known client can use. Some take the first TURN entry and some the last, and TURN over UDP is the one that all of them speak:
/// it comes first, and once more at the end where an entry of another transport, or another server's, would otherwise stand there.
/// </summary>
public static class ServiceOrder
{
    /// <summary>Arranges services, each once but for that repetition.</summary>
    public static IReadOnlyList<CatalogueEntry> Arrange(IEnumerable<CatalogueEntry> services)
    {
        var ordered = services
            .DistinctBy(s => s.Key)
            .OrderBy(s => IsUdpTurn(s.Service) ? 0 : 1) // stable: otherwise as the sources prefer, this server's own first
            .ToList();
        if (ordered.Count > 0 && IsUdpTurn(ordered[0].Service) && (ordered.Exists(s => s.Service.Transport != "udp") || ordered.Count(s => IsUdpTurn(s.Service)) > 1)) ordered.Add(ordered[0]);
        return ordered;
    }

    private static bool IsUdpTurn(ExternalService service) => service is { Type: "turn", Transport: "udp" };
}
