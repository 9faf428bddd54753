using System.Net;
using Parley.Doctor.Network;

namespace Parley.Doctor.Steps;

/// <summary>Where the domain's name leads.</summary>
internal sealed class NamesStep() : Step("names")
{
    /// <inheritdoc/>
    protected override async Task RunAsync(Chart chart, Findings findings, CancellationToken ct)
    {
        var (patient, inside) = (chart.Patient, chart.Patient.Inside);
        if (inside is { IsLoopbackOnly: true })
        {
            chart.Domain = [inside.Here];
            findings.Ok($"{string.Join(", ", patient.FurtherDomains.Prepend(patient.Domain))} is served to this machine only (bound to {inside.Here})");
            return;
        }

        chart.Domain = await Addresses.ResolveAsync(patient.Domain, ct);
        Judge(inside, findings, patient.Domain, chart.Domain);
        foreach (var domain in patient.FurtherDomains) Judge(inside, findings, domain, await Addresses.ResolveAsync(domain, ct));
    }

    private static void Judge(InsideFacts? inside, Findings findings, string domain, IReadOnlyList<IPAddress> found)
    {
        var all = string.Join(", ", found);
        if (found.Count == 0)
        {
            findings.Fail(Causes.AddressMissing, $"{domain} has no address: nobody finds the server by its name",
                $"add a DNS record (A, or AAAA for IPv6) for {domain}{(inside is null ? "" : $" that leads to {inside.Advertised}")}");
        }
        else if (inside is not null && !found.Contains(inside.Advertised))
        {
            findings.Warn(Causes.AddressDiffers, $"{domain} leads to {all}, but Server:AdvertisedAddress is {inside.Advertised}: media go there, everything else does not",
                "change the DNS record or Server:AdvertisedAddress, unless something before this server forwards to it");
        }
        else
        {
            findings.Ok($"{domain} leads to {all}");
        }
    }
}
