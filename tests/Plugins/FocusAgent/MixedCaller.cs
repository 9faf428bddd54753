using Parley.Media.Control;
using Parley.Xmpp.Core.Jingle;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.tests.Plugins.FocusAgent;

/// <summary>A scripted one-to-one client as Dino and Conversations are, and what the relay has of it.</summary>
internal sealed class MixedCaller
{
    private readonly CallLab _lab;

    public MixedCaller(CallLab lab, string jid)
    {
        (_lab, Client) = (lab, new Client(lab, jid));
        lab.Relay.Capabilities = lab.Relay.Capabilities with { HasMixer = true };
    }

    public Client Client { get; }

    /// <summary>Its leg in the relay: the only one that begins with the mix, of those that this lab has.</summary>
    public EndpointSpec Endpoint => _lab.Relay.Endpoints.Single(e => e.Transports.Any(t => t.Remote?.Ufrag.StartsWith(Client.Jid.Local!, StringComparison.Ordinal) == true));

    public string Sid => Client.Sid;

    public JingleContent Audio(string name = "audio", string transport = "a") => new(JingleCreator.Initiator, name)
    {
        Description = new RtpDescription("audio") { Payloads = [new RtpPayload(111, "opus", 48000, 2, [], [])], RtcpMux = true },
        Transport = Transport(transport),
    };

    public JingleContent Video(string name = "video", string transport = "v", JingleSenders senders = JingleSenders.Both, JingleCreator creator = JingleCreator.Initiator) => new(creator, name)
    {
        Senders = senders,
        Description = new RtpDescription("video") { Payloads = [new RtpPayload(98, "VP8", 90000, 1, [], [])], RtcpMux = true },
        Transport = Transport(transport),
    };

    public IceUdpTransport Transport(string name, string setup = "actpass") => new()
    {
        Ufrag = $"{Client.Jid.Local}{name}000",
        Password = "0123456789012345678901",
        Fingerprints = [new JingleFingerprint("sha-256", string.Join(':', Enumerable.Repeat("AB", 32)), setup)],
    };

    /// <summary>Calls and must be taken; its media comes up.</summary>
    public async Task<JingleMessage> CallAsync(IReadOnlyList<string>? bundle = null, params JingleContent[] contents)
    {
        Assert.Equal("result", (await Client.AskAsync(Message(JingleAction.SessionInitiate, bundle, contents))).Type);
        await ConnectAsync();
        return Assert.Single(Client.Of(JingleAction.SessionAccept));
    }

    public Task<Iq> AddAsync(params JingleContent[] contents) => Client.AskAsync(Message(JingleAction.ContentAdd, null, contents));

    public JingleMessage Message(JingleAction action, IReadOnlyList<string>? bundle, params JingleContent[] contents) => new(action, Sid)
    {
        Contents = contents,
        Groups = bundle is null ? [] : [new JingleGroup("BUNDLE", bundle)],
    };

    public async Task ConnectAsync()
    {
        foreach (var transport in Endpoint.Transports) await _lab.TellAsync(new TransportConnected(_lab.Relay.Epoch, _lab.Relay.ConferenceOf(Endpoint.Id), Endpoint.Id, transport.Id));
    }

    public Task EndedAsync(string transport, TransportEnd why) => _lab.TellAsync(new TransportEnded(_lab.Relay.Epoch, _lab.Relay.ConferenceOf(Endpoint.Id), Endpoint.Id, transport, why));
}
