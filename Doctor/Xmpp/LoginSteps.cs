using System.Net.Security;
using System.Security.Cryptography;
using System.Text;
using Parley.Doctor.Network;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Xml;

namespace Parley.Doctor.Xmpp;

/// <summary>From a connection to a bound resource: STARTTLS, SASL, binding (RFC 6120 sections 5 to 7).</summary>
internal static class LoginSteps
{
    /// <summary>Goes through all of it.</summary>
    /// <returns>The stream and the full address.</returns>
    public static async Task<(ClientStream Stream, string Address)> RunAsync(Stream carrier, Login login, TlsLook.Trust trust, CancellationToken ct)
    {
        var stream = new ClientStream(carrier, login.Domain);
        try
        {
            var features = await stream.OpenAsync(ct);
            if (features.Child("starttls", Ns.Tls) is not null)
            {
                features = await UpgradeAsync(stream, login.Domain, trust, ct);
            }

            await AuthenticateAsync(stream, features, login, ct);
            await stream.OpenAsync(ct);
            return (stream, await BindAsync(stream, ct));
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }
    }

    /// <summary>Ends STARTTLS's exchange; TLS begins with the next byte.</summary>
    public static async Task StartTlsAsync(ClientStream stream, CancellationToken ct)
    {
        await stream.WriteAsync(new Element("starttls", Ns.Tls), ct);
        var answer = await stream.ReadAsync(ct);
        if (!answer.Is("proceed", Ns.Tls)) throw new ReachException("the server refuses STARTTLS") { IsRefusal = true };
    }

    private static async Task<Element> UpgradeAsync(ClientStream stream, string domain, TlsLook.Trust trust, CancellationToken ct)
    {
        await StartTlsAsync(stream, ct);
        stream.Switch(await TlsLook.SecureAsync(stream.Carrier, domain, null, trust, ct));
        return await stream.OpenAsync(ct);
    }

    private static async Task AuthenticateAsync(ClientStream stream, Element features, Login login, CancellationToken ct)
    {
        var offered = features.Child("mechanisms", Ns.Sasl)?.ChildrenNamed("mechanism", Ns.Sasl).Select(m => m.Value.Trim()).ToHashSet() ?? [];
        if (login.IsGuest)
        {
            if (!offered.Contains("ANONYMOUS")) throw new ReachException($"{login.Domain} takes no guests") { IsRefusal = true };
            await SayAsync(stream, "ANONYMOUS", [], ct);
            await HearSuccessAsync(stream, ct);
        }
        else if (offered.Contains("SCRAM-SHA-256")) await ScramAsync(stream, HashAlgorithmName.SHA256, login, ct);
        else if (offered.Contains("SCRAM-SHA-1")) await ScramAsync(stream, HashAlgorithmName.SHA1, login, ct);
        // The password itself is for a server alone whose certificate is beyond doubt.
        else if (offered.Contains("PLAIN") && stream.Carrier is SslStream && !TlsLook.IsDoubtful(stream.Carrier))
        {
            await SayAsync(stream, "PLAIN", Encoding.UTF8.GetBytes($"\0{login.User}\0{login.Password}"), ct);
            await HearSuccessAsync(stream, ct);
        }
        else throw new ReachException($"the server offers no way to log in that can be used here ({string.Join(", ", offered)})") { IsRefusal = true };
    }

    private static async Task ScramAsync(ClientStream stream, HashAlgorithmName hash, Login login, CancellationToken ct)
    {
        var scram = new ScramClient(hash, login.User!, login.Password!);
        await SayAsync(stream, hash == HashAlgorithmName.SHA1 ? "SCRAM-SHA-1" : "SCRAM-SHA-256", scram.First(), ct);
        var challenge = await stream.ReadAsync(ct);
        if (!challenge.Is("challenge", Ns.Sasl)) throw Refusal(challenge);
        await stream.WriteAsync(new Element("response", Ns.Sasl).Text(Convert.ToBase64String(scram.Final(Decode(challenge)))), ct);
        if (!scram.IsProven(await HearSuccessAsync(stream, ct))) throw new ReachException("the server did not prove that it knows the password");
    }

    private static Task SayAsync(ClientStream stream, string mechanism, byte[] initial, CancellationToken ct) =>
        stream.WriteAsync(new Element("auth", Ns.Sasl).Attr("mechanism", mechanism).Text(initial.Length == 0 ? "=" : Convert.ToBase64String(initial)), ct);

    private static async Task<byte[]> HearSuccessAsync(ClientStream stream, CancellationToken ct)
    {
        var answer = await stream.ReadAsync(ct);
        return answer.Is("success", Ns.Sasl) ? Decode(answer) : throw Refusal(answer);
    }

    private static async Task<string> BindAsync(ClientStream stream, CancellationToken ct)
    {
        await stream.WriteAsync(new Element("iq", Ns.Client).Attr("type", "set").Attr("id", "bind").Add(new Element("bind", Ns.Bind)), ct);
        var answer = await stream.ReadAsync(ct);
        return answer.Child("bind", Ns.Bind)?.Child("jid", Ns.Bind)?.Value is { Length: > 0 } address ? address : throw new ReachException("the server binds no resource") { IsRefusal = true };
    }

    private static byte[] Decode(Element message)
    {
        try
        {
            return message.Value is "" or "=" ? [] : Convert.FromBase64String(message.Value);
        }
        catch (FormatException e)
        {
            throw new ReachException("the server's SASL message is no Base64", e);
        }
    }

    private static ReachException Refusal(Element answer) => answer.Is("failure", Ns.Sasl)
        ? new ReachException($"the server refuses the log-in ({answer.Children.FirstOrDefault()?.Name})") { IsRefusal = true }
        : ClientStream.Unexpected(answer);
}
