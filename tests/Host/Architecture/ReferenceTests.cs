using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Parley.tests.Host.Architecture;

/// <summary>Who may know whom, read from what the compiler wrote.</summary>
public sealed class ReferenceTests
{
    private const string Plugin = "Parley.Plugins.*";

    // Right of each name: everything of ours that it may name.
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Parley.Xmpp.Core"] = [],
        ["Parley.Media.Core"] = [],
        ["Parley.Media.Control"] = [],
        ["Parley.Plugin.Abstractions"] = ["Parley.Xmpp.Core"],
        ["Parley.Xmpp.Server"] = ["Parley.Xmpp.Core", "Parley.Plugin.Abstractions"],
        ["Parley.Media.Relay"] = ["Parley.Media.Core", "Parley.Media.Control"],
        [Plugin] = ["Parley.Xmpp.Core", "Parley.Plugin.Abstractions"],
        ["Parley.Plugins.FocusAgent"] = ["Parley.Xmpp.Core", "Parley.Plugin.Abstractions", "Parley.Media.Control"],
        // It puts the relay into the server, so it hands the relay what the relay's own core understands.
        ["Parley.Plugins.MediaRelay"] = ["Parley.Xmpp.Core", "Parley.Plugin.Abstractions", "Parley.Media.Control", "Parley.Media.Relay", "Parley.Media.Core"],
        // A client of its own: it may use what clients and servers share of the protocols, and knows nothing of the server itself.
        ["Parley.Doctor"] = ["Parley.Xmpp.Core", "Parley.Media.Core", "Parley.Media.Relay"],
        ["Parley.Server.Host"] = ["Parley.Xmpp.Core", "Parley.Plugin.Abstractions", "Parley.Xmpp.Server", "Parley.Doctor", Plugin],
    };

    public static TheoryData<string> Assemblies => [.. Directory.GetFiles(AppContext.BaseDirectory, "Parley.*.dll").Select(f => Path.GetFileNameWithoutExtension(f)!).Where(n => !n.StartsWith("Parley.tests", StringComparison.Ordinal)).Order()];

    [Theory]
    [MemberData(nameof(Assemblies))]
    public void An_assembly_names_only_what_it_may(string assembly)
    {
        var allowed = Allowed.GetValueOrDefault(assembly) ?? Allowed[IsPlugin(assembly) ? Plugin : assembly];
        var named = Read(assembly, m => m.AssemblyReferences.Select(r => m.GetString(m.GetAssemblyReference(r).Name)).Where(n => n.StartsWith("Parley.", StringComparison.Ordinal)).ToList());

        Assert.All(named, n => Assert.True(allowed.Contains(n) || (IsPlugin(n) && allowed.Contains(Plugin)), $"{assembly} names {n}"));
    }

    [Fact]
    public void Every_assembly_is_looked_at()
    {
        var seen = Assemblies.Select(a => a.Data).ToList();

        Assert.All(Allowed.Keys.Where(k => k != Plugin), a => Assert.Contains(a, seen));
        Assert.True(seen.Count >= 16, string.Join(' ', seen));
    }

    // The plugin projects compile against both cores through others; what they do not name they do not depend on. The cores themselves stay pure.
    [Theory]
    [InlineData("Parley.Xmpp.Core")]
    [InlineData("Parley.Media.Core")]
    [InlineData("Parley.Media.Control")]
    public void A_core_names_no_socket_thread_clock_or_console(string assembly)
    {
        string[] impure = ["System.Net.Sockets.", "System.Net.Http.", "System.Threading.Thread", "System.Threading.Timer", "System.Threading.Tasks.Task.", "System.Console", "System.TimeProvider",
            "System.Diagnostics.Stopwatch", "System.DateTime.get_Now", "System.DateTime.get_UtcNow", "System.DateTimeOffset.get_UtcNow", "System.DateTimeOffset.get_Now", "System.Environment.get_TickCount", "System.IO.File"];
        var named = Read(assembly, m => m.MemberReferences.Select(r => m.GetMemberReference(r)).Where(r => r.Parent.Kind == HandleKind.TypeReference).Select(r => $"{NameOf(m, (TypeReferenceHandle)r.Parent)}.{m.GetString(r.Name)}").ToList());

        Assert.NotEmpty(named);
        // Media.Control's interface returns tasks; it calls nothing on them.
        Assert.DoesNotContain(named, n => impure.Any(i => n.StartsWith(i, StringComparison.Ordinal)));
    }

    [Fact]
    public void Every_native_call_is_in_the_relays_Native_folder()
    {
        foreach (var assembly in Assemblies.Select(a => a.Data))
        {
            var native = Read(assembly, m => m.MethodDefinitions.Select(d => m.GetMethodDefinition(d)).Where(d => d.Attributes.HasFlag(MethodAttributes.PinvokeImpl))
                .Select(d => OutermostNamespace(m, d.GetDeclaringType())).Distinct().ToList());
            Assert.All(native, n => Assert.True(n == "Parley.Media.Relay.Native", $"{assembly}: {n}"));
        }
    }

    private static bool IsPlugin(string assembly) => assembly.StartsWith("Parley.Plugins.", StringComparison.Ordinal);

    private static string NameOf(MetadataReader metadata, TypeReferenceHandle handle)
    {
        var type = metadata.GetTypeReference(handle);
        return type.ResolutionScope.Kind == HandleKind.TypeReference
            ? $"{NameOf(metadata, (TypeReferenceHandle)type.ResolutionScope)}.{metadata.GetString(type.Name)}"
            : $"{metadata.GetString(type.Namespace)}.{metadata.GetString(type.Name)}";
    }

    private static string OutermostNamespace(MetadataReader metadata, TypeDefinitionHandle handle)
    {
        var type = metadata.GetTypeDefinition(handle);
        while (!type.GetDeclaringType().IsNil) type = metadata.GetTypeDefinition(type.GetDeclaringType());
        return metadata.GetString(type.Namespace);
    }

    private static T Read<T>(string assembly, Func<MetadataReader, T> read)
    {
        using var file = new PEReader(File.OpenRead(Path.Combine(AppContext.BaseDirectory, assembly + ".dll")));
        return read(file.GetMetadataReader());
    }
}
