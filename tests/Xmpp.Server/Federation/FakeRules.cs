using Parley.Xmpp.Core.Streams;
using Parley.Xmpp.Core.Xml;
using Parley.Xmpp.Server.Federation;
using Parley.Xmpp.Server.Streams.Negotiation;

namespace Parley.tests.Xmpp.Server.Federation;

internal sealed class FakeRules : IFederationRules
{
    public bool RequiresTls { get; set; } = true;

    public bool AllowsDialback { get; set; } = true;

    public string DefaultDomain => "one.test";

    public DialbackKeys Keys { get; } = new("secret");

    public bool Serves(string domain) => domain is "one.test" or "two.test" or "calls.one.test";

    public bool Admits(string domain) => !Serves(domain) && domain != "bad.test";
}

/// <summary>Writes down what is said, headers as <c>&lt;header …/&gt;</c>.</summary>
internal sealed class FakeSink : INonzaSink
{
    private readonly List<string> _said = [];

    public StreamHeader? Header { get; private set; }

    public void SendHeader(StreamHeader header)
    {
        Header = header;
        _said.Add($"header {header.From} to {header.To}");
    }

    public void SendNonza(Element element) => _said.Add(System.Text.Encoding.UTF8.GetString(StreamWriting.ToUtf8(element, isFrame: false)));

    public string Take()
    {
        var all = string.Join(' ', _said);
        _said.Clear();
        return all;
    }
}
