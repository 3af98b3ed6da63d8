import groovy.xml.XmlSlurper

// What Maven Central asks of a pom, and what we ask of ours: nothing to inherit, nothing left to fill in.
def published = new File(localRepositoryPath, 'dev/peers').listFiles()
        .findAll { it.name.startsWith('peers-') && it.name != 'peers-parent' }

def addresses = published.collect { artifact ->
    def version = artifact.listFiles().find { it.directory }
    def file = new File(version, "${artifact.name}-${version.name}.pom")
    def pom = new XmlSlurper().parse(file)
    def text = { it.text().trim() }
    assert !file.text.replace('${project.version}', '').contains('${') : file
    assert pom.parent.isEmpty() : file
    assert pom.properties.isEmpty() : file
    assert pom.repositories.isEmpty() : file
    assert text(pom.groupId) == 'dev.peers' : file
    assert text(pom.artifactId) == artifact.name : file
    assert text(pom.version) == version.name : file
    assert text(pom.name) : file
    assert text(pom.description) : file
    assert text(pom.licenses.license.name) == 'MIT' : file
    assert text(pom.licenses.license.url).startsWith('https://') : file
    assert text(pom.developers.developer.name) == 'The Peers authors' : file
    assert text(pom.scm.connection).startsWith('scm:git:https://') : file
    assert text(pom.scm.developerConnection).startsWith('scm:git:https://') : file
    pom.dependencies.dependency.each {
        assert text(it.version) : "$file: ${text(it.artifactId)}"
        assert text(it.scope) != 'test' : "$file: ${text(it.artifactId)}"
    }
    if (artifact.name == 'peers-bom') {
        def names = { it.dependencies.dependency.collect { text(it.artifactId) } as Set }
        def managed = names(pom.dependencyManagement)
        assert managed + 'peers-bom' == published*.name as Set : 'the BOM names all that is published'
        assert managed == names(new XmlSlurper().parse(new File(basedir, 'pom.xml'))) : 'this project takes all'
    }
    [text(pom.url), text(pom.scm.url)]
}
assert addresses.flatten().every { it.startsWith('https://') }
assert addresses.unique().size() == 1

// Others get the versions that are tested here: those of the distribution.
def jars = { path ->
    new File(basedir, path).text.trim().split(File.pathSeparator)
            .collect { new File(it).name }.findAll { it.endsWith('.jar') }
}
def shipped = jars('../../../../../peers-cli/target/shipped.classpath')
assert shipped
assert shipped - jars('target/classpath') == []
