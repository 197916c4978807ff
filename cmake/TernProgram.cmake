# TernProgram.cmake - the parts around the library, and the tern program made of them.

# A part of the project in its own folder, as a static library. Headers are included from the root
# of the repository ("sim/world.h") and from include/.
function(tern_part name)
    file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${name}/*.c)
    add_library(tern_${name} STATIC ${sources})
    target_link_libraries(tern_${name} PUBLIC tern_core PRIVATE tern_compile)
endfunction()

tern_part(sim)
tern_part(draw)
tern_part(host)
target_include_directories(tern_draw PRIVATE ${PROJECT_SOURCE_DIR}/src) # for "wire/ip.h"

# The language of packetdrill. It knows no stack: only the C library, and gettext's marks.
file(GLOB TERN_PKT_SOURCES CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/apps/pkt/*.c)
add_library(tern_pkt STATIC ${TERN_PKT_SOURCES})
target_include_directories(tern_pkt PUBLIC ${PROJECT_SOURCE_DIR})
target_link_libraries(tern_pkt PRIVATE tern_compile)

# What runs such scripts against a stack and its sockets.
file(GLOB TERN_DRILL_SOURCES CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/apps/drill/*.c)
add_library(tern_drill STATIC ${TERN_DRILL_SOURCES})
target_link_libraries(tern_drill PUBLIC tern_pkt tern_draw tern_socket PRIVATE tern_compile)

# libtern_packetdrill.so: tern behind Google's packetdrill (apps/packetdrill/interface.h). It is a
# program's own part of it that is loaded, so it brings the library along. What a unit test can link
# is a library of its own: the rest replaces functions of libc.
find_package(Threads REQUIRED)
set(TERN_PLUGIN ${PROJECT_SOURCE_DIR}/apps/packetdrill)
add_library(tern_plugin_parts STATIC
    ${TERN_PLUGIN}/machine.c ${TERN_PLUGIN}/namespace.c ${TERN_PLUGIN}/offload.c
    ${TERN_PLUGIN}/task.c)
target_link_libraries(tern_plugin_parts PUBLIC tern_drill Threads::Threads PRIVATE tern_compile)
file(GLOB TERN_PLUGIN_SOURCES CONFIGURE_DEPENDS
    ${TERN_PLUGIN}/*.c ${PROJECT_SOURCE_DIR}/socket/*.c)
set(TERN_PLUGIN_DRILL_SOURCES commands datagram shell so_flags subject sysctls system tells verdict)
list(TRANSFORM TERN_PLUGIN_DRILL_SOURCES PREPEND ${PROJECT_SOURCE_DIR}/apps/drill/)
list(TRANSFORM TERN_PLUGIN_DRILL_SOURCES APPEND .c)
add_library(tern_packetdrill MODULE ${TERN_PLUGIN_SOURCES}
    ${TERN_PLUGIN_DRILL_SOURCES}
    $<TARGET_OBJECTS:${TERN_LIBRARY}>)
set_target_properties(tern_packetdrill PROPERTIES C_VISIBILITY_PRESET hidden)
target_include_directories(tern_packetdrill PRIVATE
    ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR})
target_link_libraries(tern_packetdrill PRIVATE tern_compile Threads::Threads ${CMAKE_DL_LIBS})

# The program is <build>/bin/tern. It finds its messages in TERN_LOCALEDIR_BUILD, relative to the
# folder of the executable, when that exists (not installed yet), and else in TERN_LOCALEDIR.
# All of it but main.c is a library, so that tests/unit/apps/ and fuzz/ can link its parts.
file(GLOB TERN_PROGRAM_SOURCES CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/apps/tern/*.c)
set(TERN_MAIN ${PROJECT_SOURCE_DIR}/apps/tern/main.c)
list(REMOVE_ITEM TERN_PROGRAM_SOURCES ${TERN_MAIN})
include(TernScenarios)
add_library(tern_verbs STATIC ${TERN_PROGRAM_SOURCES} ${TERN_SCENARIO_TEXTS})
target_link_libraries(tern_verbs
    PUBLIC tern_drill tern_pkt tern_draw tern_sim tern_host tern_socket PRIVATE tern_compile)
add_executable(tern ${TERN_MAIN})
target_compile_definitions(tern PRIVATE
    TERN_LOCALEDIR="${CMAKE_INSTALL_FULL_LOCALEDIR}" TERN_LOCALEDIR_BUILD="../locale")
target_link_libraries(tern PRIVATE tern_verbs tern_compile)
set_target_properties(tern PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)

find_program(TERN_MSGFMT msgfmt)
file(GLOB TERN_PO_FILES CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/po/*.po)
if(TERN_MSGFMT)
    foreach(po IN LISTS TERN_PO_FILES)
        cmake_path(GET po STEM language)
        set(folder ${PROJECT_BINARY_DIR}/locale/${language}/LC_MESSAGES)
        add_custom_command(OUTPUT ${folder}/tern.mo
            COMMAND ${CMAKE_COMMAND} -E make_directory ${folder}
            COMMAND ${TERN_MSGFMT} --check -o ${folder}/tern.mo ${po}
            DEPENDS ${po} VERBATIM)
        list(APPEND TERN_MO_FILES ${folder}/tern.mo)
        install(FILES ${folder}/tern.mo
            DESTINATION ${CMAKE_INSTALL_LOCALEDIR}/${language}/LC_MESSAGES)
    endforeach()
    add_custom_target(tern_locale ALL DEPENDS ${TERN_MO_FILES})
elseif(TERN_PO_FILES)
    message(WARNING "msgfmt was not found: tern will speak English only. Install gettext.")
endif()
