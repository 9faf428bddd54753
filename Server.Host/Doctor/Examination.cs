using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Parley.Server.Host.Commands;
using Parley.Server.Host.Hosting;
using Parley.Xmpp.Server.Configuration;

namespace Parley.Server.Host.Doctor;

/// <summary>Goes the way of a caller: the name, the listeners, the certificate, STUN, and what a call needs inside.</summary>
internal sealed class Examination(Patient patient)
{
    /// <summary>Looks at everything, in the order in which a caller would meet it.</summary>
    public async IAsyncEnumerable<Finding> RunAsync([EnumeratorCancellation] CancellationToken ct)
    {
        yield return Finding.Ok("the configuration is right");
        foreach (var warning in AdvertisedAddressResolver.Warn(patient.Settings, patient.Advertised)) yield return Finding.Warning(warning);
        foreach (var domain in patient.Settings.Domains) yield return await NameAsync(domain, ct);
        await foreach (var finding in ListenersAsync(ct)) yield return finding;
        yield return await HealthAsync(ct);
        if (patient.Settings.Listeners.Https.Port > 0) yield return await CertificateCheck.RunAsync(patient, ct);
        await foreach (var finding in TurnAsync(ct)) yield return finding;
        foreach (var finding in Plugins()) yield return finding;
    }

    private async Task<Finding> NameAsync(string domain, CancellationToken ct)
    {
        if (patient.Settings.IsLoopbackOnly) return Finding.Ok($"{domain} is served to this machine only (bound to {patient.Settings.BindAddress})");
        try
        {
            var found = await Dns.GetHostAddressesAsync(domain, ct);
            return found.Contains(patient.Advertised) ? Finding.Ok($"{domain} leads to {patient.Advertised}")
                : Finding.Warning($"{domain} leads to {string.Join(", ", found.Select(a => a.ToString()))}, but Server:AdvertisedAddress is {patient.Advertised}: change the DNS record or the key, unless something before this server forwards to it");
        }
        catch (SocketException e)
        {
            return Finding.Failure($"{domain} has no address ({e.Message}): add a DNS record that leads to {patient.Advertised}");
        }
    }

    private async IAsyncEnumerable<Finding> ListenersAsync([EnumeratorCancellation] CancellationToken ct)
    {
        foreach (var (key, port) in ListenerFaults.Ports(patient.Settings))
        {
            if (await Reach.ConnectAsync(patient.Here, port, ct) is { } fault) yield return Finding.Failure($"{key}: nothing listens at {patient.Here} port {port} ({fault}): start the server with ./parley run");
            else yield return await OutsideAsync($"{key}: port {port} is open", async () => await Reach.ConnectAsync(patient.Advertised, port, ct));
        }
    }

    private async Task<Finding> HealthAsync(CancellationToken ct)
    {
        try
        {
            using var server = new RunningServer(patient.Settings);
            await server.ReadStatusAsync(ct);
            return Finding.Ok("the server answers for itself");
        }
        catch (StartFailureException e)
        {
            return Finding.Failure(e.Message);
        }
    }

    private async IAsyncEnumerable<Finding> TurnAsync([EnumeratorCancellation] CancellationToken ct)
    {
        if (!patient.HasPlugin("MediaRelay") || patient.TurnEnabled is null)
        {
            yield return Finding.Failure("the plugin MediaRelay is off: calls have no media and clients no TURN; set Plugins:MediaRelay:Enabled to true");
            yield break;
        }

        if (patient.TurnEnabled is false)
        {
            yield return Finding.Failure("Turn:Enabled is false: callers behind strict firewalls have no way in; set it to true");
            yield break;
        }

        var (seen, fault) = await Reach.BindAsync(patient.Here, patient.TurnPort, ct);
        yield return seen is null
            ? Finding.Failure($"Turn:Port: STUN does not answer at {patient.Here} port {patient.TurnPort} over UDP ({fault})")
            : await OutsideAsync($"STUN answers over UDP on port {patient.TurnPort}", async () => (await Reach.BindAsync(patient.Advertised, patient.TurnPort, ct)).Fault);
    }

    private IEnumerable<Finding> Plugins()
    {
        if (!patient.HasPlugin("FocusAgent")) yield return Finding.Failure("the plugin FocusAgent is off: there are no call rooms; set Plugins:FocusAgent:Enabled to true");
        if (!patient.HasPlugin("ExtDisco")) yield return Finding.Failure("the plugin ExtDisco is off: no client learns of STUN and TURN, and some show no call button; set Plugins:ExtDisco:Enabled to true");
        if (!patient.HasPlugin("TurnCredentials")) yield return Finding.Failure("the plugin TurnCredentials is off: nobody can use TURN; set Plugins:TurnCredentials:Enabled to true");
        if (!patient.HasPlugin("Meet")) yield return Finding.Warning("the plugin Meet is off: there is no call page for browsers");
    }

    // What works here may still not work from outside; that it does not work from here proves little, because many routers do not lead back in.
    private async Task<Finding> OutsideAsync(string what, Func<Task<string?>> attempt)
    {
        if (patient.Advertised.Equals(patient.Here)) return Finding.Ok(what);
        return await attempt() is { } fault
            ? Finding.Warning($"{what} on this machine, but not at {patient.Advertised} as seen from here ({fault}): open it in the firewall and forward it, and try from outside")
            : Finding.Ok($"{what}, at {patient.Advertised} too");
    }
}
