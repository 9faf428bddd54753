using System.Net;
using System.Security.Cryptography;
using Parley.Doctor.Network;
using Parley.Doctor.Xmpp;
using Parley.Media.Core.Ice;
using Parley.Media.Relay.Native;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Jingle;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Doctor.Call;

/// <summary>One who joins a call room as the call page does (docs/legs/web.md), with a voice alone.</summary>
internal sealed class Participant(XmppClient client, Jid room, string name, OpenSslDtlsFactory dtls) : IDisposable
{
    private const string ContentName = "0";

    // Our relay offers twelve at most. Whoever answers a call must not make this machine knock at everybody's door.
    private const int MostCandidates = 16;

    // A room of our own has two.
    private const int MostSources = 64;

    private readonly string _sid = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));
    private readonly string _fingerprint = dtls.Fingerprint;

    /// <summary>Its media.</summary>
    public MediaPeer Media { get; } = new(dtls);

    /// <summary>The sources that the room said it will hear.</summary>
    public HashSet<uint> Sources { get; } = [];

    /// <summary>Calls the room and waits for its answer.</summary>
    /// <exception cref="ReachException">The room refuses, or does not answer.</exception>
    public async Task JoinAsync(CancellationToken ct)
    {
        var answer = await client.AskAsync("set", room, Offer().ToElement(), ct);
        if (answer.IsError) throw new ReachException($"{room} refuses the call ({Condition(answer)})") { IsRefusal = true };
        while (Media.Path is null) await TakeAsync(await client.ReadJingleAsync(ct), ct);
    }

    /// <summary>Answers what the room asks, until the token says stop.</summary>
    public async Task ListenAsync(CancellationToken ct)
    {
        while (true) await TakeAsync(await client.ReadJingleAsync(ct), ct);
    }

    /// <summary>Hangs up.</summary>
    public Task LeaveAsync(CancellationToken ct) =>
        client.AskAsync("set", room, new JingleMessage(JingleAction.SessionTerminate, _sid) { Reason = new JingleReason(JingleCondition.Success) }.ToElement(), ct);

    /// <inheritdoc/>
    public void Dispose() => Media.Dispose();

    private JingleMessage Offer() => new(JingleAction.SessionInitiate, _sid)
    {
        Initiator = client.Address,
        Groups = [new JingleGroup("BUNDLE", [ContentName])],
        Contents = [new JingleContent(JingleCreator.Initiator, ContentName)
        {
            Senders = JingleSenders.Initiator,
            Description = new RtpDescription("audio")
            {
                Payloads = [new RtpPayload(111, "opus", 48_000, 2, [], [])],
                RtcpMux = true,
                Sources = [new RtpSource(Media.Ssrc, [KeyValuePair.Create("cname", _sid)])],
            },
            Transport = Transport("actpass"),
        }],
        Extras =
        [
            new Element("leg", Ns.WebLeg).Attr("token", Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16))),
            new Element("nick", Ns.Nick).Text(name),
        ],
    };

    private IceUdpTransport Transport(string setup) => new()
    {
        Ufrag = Media.Credentials.Ufrag,
        Password = Media.Credentials.Password,
        Fingerprints = [new JingleFingerprint("sha-256", _fingerprint, setup)],
    };

    private async Task TakeAsync(Iq iq, CancellationToken ct)
    {
        if (iq.From != room || !JingleMessage.TryRead(iq.Payload!, out var message, out var fault) || message.Sid != _sid)
        {
            await client.SendAsync(iq.ErrorReply(JingleErrors.UnknownSession()), ct);
            return;
        }

        await client.SendAsync(iq.Result(), ct);
        switch (message.Action)
        {
            case JingleAction.SessionTerminate:
                throw new ReachException($"{room} ends the call ({message.Reason?.Condition})") { IsRefusal = true };
            case JingleAction.SessionAccept:
                Accept(message);
                break;
            case JingleAction.ContentAdd:
                await AcceptAsync(message, ct);
                break;
        }
    }

    private void Accept(JingleMessage accept)
    {
        if (accept.Contents.Select(c => c.Transport).FirstOrDefault(t => t is { Ufrag: not null, Password: not null, Fingerprints.Count: > 0 }) is not { } transport)
            throw new ReachException($"{room} accepts the call without a transport");
        List<IPEndPoint> candidates = [.. from c in transport.Candidates
                                          where c.Protocol.Equals("udp", StringComparison.OrdinalIgnoreCase) && c.Port > 0
                                          let address = IPAddress.TryParse(c.Ip, out var ip) ? ip : null
                                          where address is not null
                                          orderby c.Priority descending
                                          select new IPEndPoint(address, c.Port)];
        if (candidates.Count > MostCandidates) candidates.RemoveRange(MostCandidates, candidates.Count - MostCandidates);
        Media.Connect(new IceCredentials(transport.Ufrag!, transport.Password!), candidates, transport.Fingerprints[0].Hash, transport.Fingerprints[0].Value);
    }

    private async Task AcceptAsync(JingleMessage add, CancellationToken ct)
    {
        foreach (var source in add.Contents.SelectMany(c => c.Description?.Sources ?? []).Take(MostSources - Sources.Count)) Sources.Add(source.Ssrc);
        var answer = new JingleMessage(JingleAction.ContentAccept, _sid)
        {
            Contents = [.. add.Contents.Select(c => c with { Description = c.Description is { } said ? said with { Sources = [], SourceGroups = [] } : null, Transport = Transport("active") })],
        };
        var result = await client.AskAsync("set", room, answer.ToElement(), ct);
        if (result.IsError) throw new ReachException($"{room} does not take that its stream was accepted ({Condition(result)})");
    }

    private static string Condition(Iq answer) => answer.Element.Child("error")?.Children.FirstOrDefault()?.Name ?? "without saying why";
}
