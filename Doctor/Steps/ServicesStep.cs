using System.Globalization;
using System.Net;
using Parley.Doctor.Network;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Xml;

namespace Parley.Doctor.Steps;

/// <summary>The STUN and TURN servers that clients are told of (XEP-0215).</summary>
internal sealed class ServicesStep() : Step("services")
{
    private const int MaxServices = 32;
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(2);

    /// <inheritdoc/>
    public override bool Applies(Chart chart) => chart.Clients.Count > 0;

    /// <inheritdoc/>
    protected override async Task RunAsync(Chart chart, Findings findings, CancellationToken ct)
    {
        var answer = await chart.Clients[0].AskAsync("get", Jid.Parse(chart.Patient.Login!.Domain), new Element("services", Ns.ExtDisco), ct);
        if (answer.IsError)
        {
            if (!chart.Has(Causes.ExtDiscoOff))
            {
                findings.Fail(Causes.ExtDiscoOff, $"the server tells nobody of STUN and TURN ({answer.Element.Child("error")?.Children.FirstOrDefault()?.Name}): behind most routers calls do not connect, and some phones show no call button",
                    "set Plugins:ExtDisco:Enabled to true, and look at Plugins:ExtDisco:Accounts and :Guests");
            }

            return;
        }

        var services = new List<ListedService>();
        foreach (var element in answer.Payload?.ChildrenNamed("service", Ns.ExtDisco).Where(e => e["type"] is "stun" or "stuns" or "turn" or "turns").Take(MaxServices) ?? [])
        {
            if (await ReadAsync(element, ct) is not { } service) continue;
            if (services.Any(s => s with { Username = "", Password = "" } == service with { Username = "", Password = "" })) continue; // listed twice for a client's sake
            if (service.Address is null) findings.Fail(Causes.ServiceUnresolved, $"clients are told of {service}, whose name has no address", $"add a DNS record for {service.Host}, or change Turn:TlsHost or Plugins:ExtDisco:Services");
            else services.Add(service);
            JudgeExpiry(chart, findings, element);
        }

        chart.Services = services;
        // The running server knows the configuration that it was started with.
        if (chart.Patient.Inside?.TurnPort is { } port && services.Any(s => s.Type == "turn") && !services.Any(s => s.Type == "turn" && s.Port == port))
            findings.Fail(Causes.NotRestarted, $"Turn:Port is {port}, but the running server sends clients to port {string.Join(", ", services.Where(s => s.Type == "turn").Select(s => s.Port).Distinct())}", "start the server anew");
        foreach (var address in services.Select(s => s.Address!).Distinct()) JudgeAddress(chart, findings, address);
        if (services.Any(s => s.Type is "turn" or "turns")) findings.Ok($"clients are told of {string.Join(", ", services)}");
        else if (!chart.Has(Causes.TurnOff)) findings.Fail(Causes.NoTurnListed, "clients are told of no TURN server: behind strict routers calls do not connect", "set Turn:Enabled, Plugins:TurnCredentials:Enabled and Plugins:MediaRelay:Enabled to true");
    }

    private static async Task<ListedService?> ReadAsync(Element e, CancellationToken ct)
    {
        if (e["host"] is not { Length: > 0 and <= 255 } host || !int.TryParse(e["port"] ?? "3478", NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port is < 1 or > 65535) return null;
        var transport = e["type"] is "turns" or "stuns" ? "tls" : e["transport"] is "tcp" ? "tcp" : "udp";
        return new(e["type"]!, host, port, transport, e["username"] ?? "", e["password"] ?? "", await Addresses.ResolveAsync(host, ct) is [var address, ..] ? address : null);
    }

    // Credentials that are fresh have not expired, by a clock that is right.
    private static void JudgeExpiry(Chart chart, Findings findings, Element e)
    {
        if (!DateTimeOffset.TryParse(e["expires"], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var expires)) return;
        var now = chart.Patient.Clock.GetUtcNow();
        if (expires > now - Margin || chart.Has(Causes.ClockOff) || findings.HasFailed) return;
        findings.Fail(Causes.ClockOff, $"TURN credentials that were made just now ended at {expires.UtcDateTime:u}, by a clock that says {now.UtcDateTime:u} here: the clocks differ", "let NTP set the clock of both machines (timedatectl set-ntp true)");
    }

    private static void JudgeAddress(Chart chart, Findings findings, IPAddress address)
    {
        if (chart.Patient.IsLoopbackOnly || !PublicReach.IsPrivate(address)) return;
        const string Change = "set Server:AdvertisedAddress to the public address of the server";
        var isPublic = chart.Domain.Any(d => !PublicReach.IsPrivate(d));
        if (isPublic) findings.Fail(Causes.AdvertisedPrivate, $"clients are told of STUN and TURN at {address}, a private address, though {chart.Patient.Domain} is at {string.Join(", ", chart.Domain)}: from outside calls have no sound and no picture", Change);
        else if (chart.Patient.IsPublicDomain && !chart.Has(Causes.AdvertisedPrivate)) findings.Warn(Causes.AdvertisedPrivate, $"clients are told of STUN and TURN at {address}, a private address: calls from outside have no sound and no picture", Change);
    }
}
