using NSubstitute;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.tests.Plugins.ExtDisco;

public sealed class ExtDiscoTests
{
    private static readonly ExternalService Stun = new("stun", "192.0.2.1", 3478, "udp", false);
    private static readonly ExternalService Turn = new("turn", "192.0.2.1", 3478, "udp", true);
    private static readonly ExternalService TurnTcp = new("turn", "192.0.2.1", 3478, "tcp", true);
    private static readonly ExternalService Turns = new("turns", "example.org", 5349, "tcp", true);
    private static readonly Parley.Plugin.Abstractions.TurnCredentials Credentials = new("1800000000:x", "pw", DateTimeOffset.FromUnixTimeSeconds(1800000000));

    [Fact]
    public async Task A_client_gets_services_with_credentials_in_the_same_answer()
    {
        var services = (await AskAsync(Services(), Issuers(Credentials), Stun, Turn)).Payload!;
        Assert.True(services.Is("services", Ns.ExtDisco));
        var turn = services.Children.First();
        Assert.Equal(("turn", "192.0.2.1", "3478", "udp"), (turn["type"], turn["host"], turn["port"], turn["transport"]));
        Assert.Equal(("true", "1800000000:x", "pw", "2027-01-15T08:00:00Z"), (turn["restricted"], turn["username"], turn["password"], turn["expires"]));
        var stun = services.Children.Last();
        Assert.Equal("stun", stun["type"]);
        Assert.Null(stun["username"]);
        Assert.Null(stun["restricted"]);
    }

    [Fact]
    public async Task Turn_over_udp_comes_first_and_again_last_behind_other_transports() =>
        Assert.Equal(["turn/udp", "stun/udp", "turns/tcp", "turn/tcp", "turn/udp"], Kinds(await AskAsync(Services(), Issuers(Credentials), Stun, Turns, TurnTcp, Turn)));

    [Fact]
    public async Task Turn_over_udp_is_listed_once_where_no_other_transport_exists() =>
        Assert.Equal(["turn/udp", "stun/udp"], Kinds(await AskAsync(Services(), Issuers(Credentials), Stun, Turn, Turn)));

    [Fact]
    public async Task Without_an_issuer_only_services_that_need_no_credentials_are_listed()
    {
        Assert.Equal(["stun/udp"], Kinds(await AskAsync(Services(), Issuers(), Stun, Turn, Turns)));
        Assert.Equal(["stun/udp"], Kinds(await AskAsync(Services(), Issuers([null]), Stun, Turn, Turns)));
    }

    [Fact]
    public async Task A_type_selects_and_is_repeated_in_the_answer()
    {
        var answer = await AskAsync(Services("turns"), Issuers(Credentials), Stun, Turn, Turns);
        Assert.Equal("turns", answer.Payload!["type"]);
        Assert.Equal(["turns/tcp"], Kinds(answer));
        Assert.Empty(Kinds(await AskAsync(Services("ftp"), Issuers(Credentials), Stun, Turn)));
        AssertError(StanzaCondition.BadRequest, await AskAsync(Services(""), Issuers(Credentials), Stun));
    }

    [Theory]
    [InlineData(SenderKind.Account, true)]
    [InlineData(SenderKind.Guest, true)]
    [InlineData(SenderKind.Component, true)]
    [InlineData(SenderKind.Remote, false)]
    public async Task Only_those_of_this_server_are_answered(SenderKind kind, bool answered)
    {
        foreach (var payload in (Element[])[Services(), CredentialsFor("turn")])
        {
            var answer = await AskAsync(payload, Issuers(Credentials), kind, Turn);
            if (answered) Assert.Equal("result", answer.Type);
            else AssertError(StanzaCondition.Forbidden, answer);
        }
    }

    [Fact]
    public async Task Credentials_are_given_for_every_service_that_matches()
    {
        var two = (await AskAsync(CredentialsFor("turn"), Issuers(Credentials), Stun, Turn, TurnTcp)).Payload!;
        Assert.True(two.Is("credentials", Ns.ExtDisco));
        Assert.Equal(2, two.Children.Count());
        Assert.All(two.Children, s => Assert.Equal("pw", s["password"]));
        var one = (await AskAsync(CredentialsFor("turns", "EXAMPLE.org", "5349"), Issuers(Credentials), Turn, Turns)).Payload!;
        Assert.Equal("5349", Assert.Single(one.Children)["port"]);
    }

    [Theory]
    [InlineData("turn", "192.0.2.9", null)]
    [InlineData("turn", "192.0.2.1", "3479")]
    [InlineData("stun", "192.0.2.1", null)]
    public async Task Credentials_for_what_does_not_exist_or_needs_none_are_not_found(string type, string host, string? port) =>
        AssertError(StanzaCondition.ItemNotFound, await AskAsync(CredentialsFor(type, host, port), Issuers(Credentials), Stun, Turn));

    [Fact]
    public async Task Credentials_without_an_issuer_are_not_found_and_refused_ones_not_authorized()
    {
        AssertError(StanzaCondition.ItemNotFound, await AskAsync(CredentialsFor("turn"), Issuers(), Turn));
        AssertError(StanzaCondition.NotAuthorized, await AskAsync(CredentialsFor("turn"), Issuers([null]), Turn));
    }

    [Fact]
    public async Task A_request_that_names_no_one_service_is_bad()
    {
        var two = CredentialsFor("turn").Add(new Element("service", Ns.ExtDisco).Attr("host", "a").Attr("type", "turn"));
        Element[] bad = [new("credentials", Ns.ExtDisco), CredentialsFor(""), CredentialsFor("turn", ""), CredentialsFor("turn", "h", "0"), CredentialsFor("turn", "h", "65536"),
            CredentialsFor("turn", "h", "x"), CredentialsFor("turn", "h", "-1"), two];
        foreach (var payload in bad) AssertError(StanzaCondition.BadRequest, await AskAsync(payload, Issuers(Credentials), Turn));
    }

    private static Element Services(string? type = null) => new Element("services", Ns.ExtDisco).Attr("type", type);

    private static Element CredentialsFor(string type, string host = "192.0.2.1", string? port = null) =>
        new Element("credentials", Ns.ExtDisco).Add(new Element("service", Ns.ExtDisco).Attr("host", host).Attr("type", type).Attr("port", port));

    private static Task<Iq> AskAsync(Element payload, IContributions<ITurnCredentialIssuer> issuers, params ExternalService[] services) =>
        AskAsync(payload, issuers, SenderKind.Account, services);

    private static Task<Iq> AskAsync(Element payload, IContributions<ITurnCredentialIssuer> issuers, SenderKind kind, params ExternalService[] services) =>
        new DiscoLab(services, issuers).AskAsync(payload, kind);

    private static IContributions<ITurnCredentialIssuer> Issuers(params Parley.Plugin.Abstractions.TurnCredentials?[] given)
    {
        var issuers = Substitute.For<IContributions<ITurnCredentialIssuer>>();
        var items = given.Select(credentials =>
        {
            var issuer = Substitute.For<ITurnCredentialIssuer>();
            issuer.Issue(Arg.Any<ServiceRequester>()).Returns(credentials);
            return issuer;
        }).ToList();
        issuers.Items.Returns(items);
        return issuers;
    }

    private static IEnumerable<string> Kinds(Iq answer) => answer.Payload!.Children.Select(s => $"{s["type"]}/{s["transport"]}");

    private static void AssertError(StanzaCondition expected, Iq answer) => Assert.Equal(("error", expected), (answer.Type, StanzaError.Of(answer).Condition));
}
