using System.Text.RegularExpressions;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.tests.Xmpp.Server.Streams;

/// <summary>What a client with stream management (XEP-0198) says and hears, by hand.</summary>
internal static partial class ManagedClient
{
    private const string Namespace = "urn:xmpp:sm:3";

    /// <summary>Logs in and enables resumption; returns the id.</summary>
    public static async Task<string> LogInManagedAsync(this TestClient client, string domain = "one.test")
    {
        await client.LogInAsync(domain: domain);
        await client.WriteAsync($"<enable xmlns='{Namespace}' resume='true'/>");
        return Attribute(await client.NextAsync("enabled"), "id");
    }

    /// <summary>Logs in and asks to resume; returns what comes of it.</summary>
    public static async Task<string> ResumeAsync(this TestClient client, string id, uint h, string domain = "one.test")
    {
        await client.OpenAsync(domain);
        await ScramClient.RunAsync(client, "SCRAM-SHA-256", "ann", "secret");
        await client.OpenAsync(domain);
        await client.WriteAsync($"<resume xmlns='{Namespace}' previd='{id}' h='{h}'/>");
        var answer = await client.ReadUntilAsync(">");
        return answer.Contains("<failed", StringComparison.Ordinal) ? answer + await client.ReadUntilAsync("</failed>") : answer;
    }

    public static Task AcknowledgeAsync(this TestClient client, uint h) => client.WriteAsync($"<a xmlns='{Namespace}' h='{h}'/>");

    public static Task AskAsync(this TestClient client) => client.WriteAsync($"<r xmlns='{Namespace}'/>");

    /// <summary>The server's count, once it tells.</summary>
    public static async Task<string> CountAsync(this TestClient client) => Attribute(await client.NextAsync("a"), "h");

    /// <summary>Reads the next element of stream management, which must be of that name; stanzas before it are passed over.</summary>
    public static async Task<string> NextAsync(this TestClient client, string name)
    {
        var read = await client.ReadUntilAsync($"<{name} xmlns='{Namespace}'");
        return read[read.LastIndexOf('<')..] + await client.ReadUntilAsync(">");
    }

    /// <summary>Reads up to the server's question; returns the ids of the messages before it.</summary>
    public static async Task<string[]> MessagesAsync(this TestClient client) => Ids(await client.ReadUntilAsync($"<r xmlns='{Namespace}'/>"));

    public static string[] Ids(string text) => [.. MessageId().Matches(text).Select(m => m.Groups[1].Value)];

    public static string Attribute(string element, string name) => Regex.Match(element, $" {name}='([^']*)'").Groups[1].Value;

    public static Message Message(string id, string inner = "") =>
        new(Routing.TestXml.Read($"<message from='ben@one.test/b' to='ann@one.test/made' id='{id}' type='chat'>{inner}</message>"));

    [GeneratedRegex("<message [^>]*id='([^']*)'")]
    private static partial Regex MessageId();
}
